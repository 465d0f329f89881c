"""A site on a machine: its folders and configuration laid out, its book of units."""
