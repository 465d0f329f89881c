"""Conservation: each child that went out came back in one list, or is named."""
