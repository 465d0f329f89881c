"""FTP and FTPS: a control connection that keeps to the protocol. Door: `connect`."""
