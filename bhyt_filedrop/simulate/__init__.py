"""Synthetic children and their lists: nobody in them exists. For the demo and for the tests."""
