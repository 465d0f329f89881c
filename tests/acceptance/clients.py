"""How an office comes to its folder: the programs that stand for its FTP and SFTP clients, which
the booted machine runs on its own Python."""

FTP = """
import ftplib, ssl, sys

class Tls(ftplib.FTP_TLS):
    def ntransfercmd(self, command, rest=None):
        line, size = ftplib.FTP.ntransfercmd(self, command, rest)
        session = self.sock.session  # servers want data to go on with it
        return self.context.wrap_socket(line, server_hostname=self.host, session=session), size

passwords = dict(line.split(":", 1) for line in open("/root/bhyt-ftp-passwords").read().split())
server, account, *words = sys.argv[1:]
if server == "proftpd":
    trusted = ssl.create_default_context(cafile="/etc/bhyt-filedrop/ca.pem")
    ftp, at = Tls(timeout=60, context=trusted), ("ftp.example.vn", 21)
else:
    ftp, at = ftplib.FTP(timeout=60), ("127.0.0.1", 2121)
ftp.encoding = "utf-8"
ftp.connect(*at)
ftp.login(account, passwords[account])
if server == "proftpd":
    ftp.prot_p()
if words[0] == "put":
    print(ftp.storbinary("STOR " + words[2], open(words[1], "rb")))
elif words[0] == "facts":
    for name, facts in ftp.mlsd(words[1]):
        print(name, facts["type"], facts["modify"])
elif words[0] == "hide":
    print(ftp.sendcmd("SITE CHMOD 600 " + words[1]))
else:
    print("\\n".join(sorted(ftp.nlst(words[1]))))
"""

SFTP = """
import sys, paramiko
passwords = dict(line.split(":", 1) for line in open("/root/bhyt-ftp-passwords").read().split())
account, *words = sys.argv[1:]
line = paramiko.SSHClient()
line.set_missing_host_key_policy(paramiko.AutoAddPolicy())
line.connect("127.0.0.1", username=account, password=passwords[account], look_for_keys=False)
sftp = line.open_sftp()
if words[0] == "put":
    print(sftp.put(words[1], words[2]))
else:
    print("\\n".join(sorted(sftp.listdir(words[1]))))
"""
