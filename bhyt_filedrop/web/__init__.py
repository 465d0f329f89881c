"""The status page: a window through which offices see the round and act on it.

The door is `serve.PageServer`; `app.app_of` makes the ASGI application of an `Office` (what the
page is given: `wiring/page.py` fills it). With the page off nothing of this room is imported.

To add a page: a function in `pages/` that takes an `Asking` and returns `show(asked, "x.html.j2",
…)`, its template in `templates/` (extends `base.html.j2`, texts by `say(vi, en)`), and a row in
`routes.ROUTES`. The row says whose affairs the page tells (`About`) and who may ask it. The door
has then looked already: a unit or drop that the account may not see is "not found", and what the
path names stands in `asked.unit`, `asked.drop`. A page of many units (`About.SEEN`) must itself
leave out what `asked.sight.sees` denies. `tests/web/test_who_may.py` asks every row of the table
and fails for one that it has no answer for.

To add an act: a row with `method="POST"`; the door has checked the session's token, where the
request comes from, and that the account may act. The function takes `asked.form`, calls the same
service of `work/` that the command calls, and returns `go(path)`. Its form stands in a template
and carries `{{ token() }}`.
"""
