"""File trees, one contract (ports.Tree): local disk, SFTP, FTP."""
