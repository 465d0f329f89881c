"""Lists that the product makes itself: kept up to date, published, approved."""
