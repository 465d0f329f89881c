"""Places: which ward an address names, however it is spelt. Door: `gazetteer.Gazetteer`."""
