"""What the core asks of the outside world: one file a neighbour, each port with one contract."""

from bhyt_filedrop.ports.accounts import (
    AccessBook as AccessBook,
)
from bhyt_filedrop.ports.accounts import (
    AccountBook as AccountBook,
)
from bhyt_filedrop.ports.accounts import (
    SessionBook as SessionBook,
)
from bhyt_filedrop.ports.acts import (
    ArrangementBook as ArrangementBook,
)
from bhyt_filedrop.ports.acts import (
    DecisionBook as DecisionBook,
)
from bhyt_filedrop.ports.acts import (
    HandInBook as HandInBook,
)
from bhyt_filedrop.ports.acts import (
    OfferBook as OfferBook,
)
from bhyt_filedrop.ports.acts import (
    PaperBook as PaperBook,
)
from bhyt_filedrop.ports.acts import (
    ResendBook as ResendBook,
)
from bhyt_filedrop.ports.ahead import JudgedAhead as JudgedAhead
from bhyt_filedrop.ports.ahead import JudgedApart as JudgedApart
from bhyt_filedrop.ports.audit import (
    AuditBook as AuditBook,
)
from bhyt_filedrop.ports.audit import (
    Chain as Chain,
)
from bhyt_filedrop.ports.audit import (
    EraseBook as EraseBook,
)
from bhyt_filedrop.ports.audit import (
    Seal as Seal,
)
from bhyt_filedrop.ports.audit import (
    ToErase as ToErase,
)
from bhyt_filedrop.ports.identity import IdentityProvider as IdentityProvider
from bhyt_filedrop.ports.identity import LoginBegun as LoginBegun
from bhyt_filedrop.ports.leases import (
    Holding as Holding,
)
from bhyt_filedrop.ports.leases import (
    Leases as Leases,
)
from bhyt_filedrop.ports.leases import (
    Sharing as Sharing,
)
from bhyt_filedrop.ports.ledger import (
    ApprovalBook as ApprovalBook,
)
from bhyt_filedrop.ports.ledger import (
    BounceBook as BounceBook,
)
from bhyt_filedrop.ports.ledger import (
    DerivationBook as DerivationBook,
)
from bhyt_filedrop.ports.ledger import (
    DraftReader as DraftReader,
)
from bhyt_filedrop.ports.ledger import (
    DropBook as DropBook,
)
from bhyt_filedrop.ports.ledger import (
    DropQueue as DropQueue,
)
from bhyt_filedrop.ports.ledger import (
    GivenFile as GivenFile,
)
from bhyt_filedrop.ports.ledger import (
    KnownDrops as KnownDrops,
)
from bhyt_filedrop.ports.ledger import (
    LetterBook as LetterBook,
)
from bhyt_filedrop.ports.ledger import (
    LetterStore as LetterStore,
)
from bhyt_filedrop.ports.ledger import (
    ListBook as ListBook,
)
from bhyt_filedrop.ports.ledger import (
    ListReader as ListReader,
)
from bhyt_filedrop.ports.ledger import (
    LookBook as LookBook,
)
from bhyt_filedrop.ports.ledger import (
    NoticeBook as NoticeBook,
)
from bhyt_filedrop.ports.ledger import (
    RollBook as RollBook,
)
from bhyt_filedrop.ports.ledger import (
    RoundReader as RoundReader,
)
from bhyt_filedrop.ports.mail import (
    Composer as Composer,
)
from bhyt_filedrop.ports.mail import (
    Mailbox as Mailbox,
)
from bhyt_filedrop.ports.mail import (
    Mailer as Mailer,
)
from bhyt_filedrop.ports.mail import (
    Received as Received,
)
from bhyt_filedrop.ports.mail import (
    Sent as Sent,
)
from bhyt_filedrop.ports.outcomes import (
    ActRefused as ActRefused,
)
from bhyt_filedrop.ports.outcomes import (
    CannotMove as CannotMove,
)
from bhyt_filedrop.ports.outcomes import (
    ClosedFile as ClosedFile,
)
from bhyt_filedrop.ports.outcomes import (
    ClosedFolder as ClosedFolder,
)
from bhyt_filedrop.ports.outcomes import (
    LedgerAway as LedgerAway,
)
from bhyt_filedrop.ports.outcomes import (
    LostLease as LostLease,
)
from bhyt_filedrop.ports.outcomes import (
    LostRace as LostRace,
)
from bhyt_filedrop.ports.outcomes import (
    MailTooBig as MailTooBig,
)
from bhyt_filedrop.ports.outcomes import (
    NeverWorks as NeverWorks,
)
from bhyt_filedrop.ports.outcomes import (
    NotOurs as NotOurs,
)
from bhyt_filedrop.ports.outcomes import (
    TryLater as TryLater,
)
from bhyt_filedrop.ports.page import (
    DropReader as DropReader,
)
from bhyt_filedrop.ports.page import (
    FoundChild as FoundChild,
)
from bhyt_filedrop.ports.page import (
    Gauges as Gauges,
)
from bhyt_filedrop.ports.page import (
    KeptBytes as KeptBytes,
)
from bhyt_filedrop.ports.page import (
    LetterPreview as LetterPreview,
)
from bhyt_filedrop.ports.page import (
    PageReader as PageReader,
)
from bhyt_filedrop.ports.page import (
    ShownLetter as ShownLetter,
)
from bhyt_filedrop.ports.stores import (
    Archive as Archive,
)
from bhyt_filedrop.ports.stores import (
    Clock as Clock,
)
from bhyt_filedrop.ports.trees import (
    Sighting as Sighting,
)
from bhyt_filedrop.ports.trees import (
    Tree as Tree,
)
from bhyt_filedrop.ports.trees import (
    unheard as unheard,
)
from bhyt_filedrop.ports.versions import (
    ConfigVersion as ConfigVersion,
)
from bhyt_filedrop.ports.versions import (
    VersionBook as VersionBook,
)
from bhyt_filedrop.ports.workbooks import (
    Annotator as Annotator,
)
from bhyt_filedrop.ports.workbooks import (
    Limits as Limits,
)
from bhyt_filedrop.ports.workbooks import (
    Member as Member,
)
from bhyt_filedrop.ports.workbooks import (
    Reader as Reader,
)
from bhyt_filedrop.ports.workbooks import (
    Reading as Reading,
)
from bhyt_filedrop.ports.workbooks import (
    Unpacked as Unpacked,
)
