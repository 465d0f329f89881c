"""The archive: every byte that was ever claimed, in a folder or in an S3-compatible store; its
doors are `FolderArchive`, `StoreArchive` and `copy_archive`."""
