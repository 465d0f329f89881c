"""SFTP over paramiko's transport, with strict host keys. Door: `connect`."""
