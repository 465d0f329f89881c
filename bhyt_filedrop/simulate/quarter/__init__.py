"""A whole quarter, played: every office of the city drops its lists, and a judge counts at the end.

`population` makes the children, the actors (`city`, `wards`, `districts`) know nothing but what
lies in their folders and what their own registers say, `script` says who drops what when, `stage`
is the running site, `judge` holds the outcome against what the process owes.
"""
