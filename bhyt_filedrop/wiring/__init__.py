"""The only place that names concrete edges: settings go in, things that run come out."""

from bhyt_filedrop.edges.systemd import notify as notify
from bhyt_filedrop.wiring.books import Books as Books
from bhyt_filedrop.wiring.books import last_event_of as last_event_of
from bhyt_filedrop.wiring.books import ledger_awaits as ledger_awaits
from bhyt_filedrop.wiring.books import ledger_trouble as ledger_trouble
from bhyt_filedrop.wiring.books import open_books as open_books
from bhyt_filedrop.wiring.books import register_of as register_of
from bhyt_filedrop.wiring.books import reports_of as reports_of
from bhyt_filedrop.wiring.daemon import Running as Running
from bhyt_filedrop.wiring.daemon import bells as bells
from bhyt_filedrop.wiring.daemon import real_clock as real_clock
from bhyt_filedrop.wiring.daemon import wired as wired
from bhyt_filedrop.wiring.declared import world_of as world_of
from bhyt_filedrop.wiring.mail import composer_of as composer_of
from bhyt_filedrop.wiring.mail import inbox_of as inbox_of
from bhyt_filedrop.wiring.mail import mailbox_of as mailbox_of
from bhyt_filedrop.wiring.mail import mailer_of as mailer_of
from bhyt_filedrop.wiring.mail import outbox_of as outbox_of
from bhyt_filedrop.wiring.rounds import approving_of as approving_of
from bhyt_filedrop.wiring.rounds import next_round_of as next_round_of
from bhyt_filedrop.wiring.rounds import reminding_of as reminding_of
from bhyt_filedrop.wiring.rounds import status_of as status_of
from bhyt_filedrop.wiring.trees import open_tree as open_tree
from bhyt_filedrop.wiring.workbooks import annotator_of as annotator_of
from bhyt_filedrop.wiring.workbooks import reader_of as reader_of
from bhyt_filedrop.wiring.workbooks import save_report as save_report
