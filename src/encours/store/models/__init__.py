"""Tables. Reached only through `store`, `queries` and `actions`."""

from encours.store.models.accounting import (
    AccountingExport,
    AccountingSettings,
    BookLine,
    DoubtfulDebt,
    EntryLine,
    Lettering,
    LetteringPart,
)
from encours.store.models.api import ApiToken, KeptAnswer
from encours.store.models.bank_connections import BankConnection, BankNotice, DropFile, FeedAccount, FeedLine
from encours.store.models.banking import BankAccount, Statement, Transaction
from encours.store.models.cases import (
    Dispute,
    PaymentPlan,
    PlanDocument,
    PlanInstalment,
    Promise,
    PromiseDocument,
)
from encours.store.models.channels import ChannelConnection, DeliveryReport, LetterBatch
from encours.store.models.charges import (
    Charge,
    Chargeback,
    ChargeDocument,
    ChargeNotice,
    DirectDebitFile,
    PaymentMandate,
    Payout,
    Refund,
)
from encours.store.models.companies import Company, DigestScope, Membership, Role, User
from encours.store.models.court_files import CourtFile, Paper
from encours.store.models.customers import Contact, Customer
from encours.store.models.documents import Document, Instalment, Receivable, VatLine
from encours.store.models.dunning import Hold, Policy, PolicyAssignment, PolicyStep, Reminder
from encours.store.models.gateways import GatewayConnection, GatewayEvent, PaymentOption
from encours.store.models.imports import ColumnMapping, ImportBatch, ImportProblem, StoredFile
from encours.store.models.interest import InterestClaim, ReferenceRate
from encours.store.models.journal import JournalEntry
from encours.store.models.ledger import Allocation, BulkAcceptance, Match, Movement, Payment
from encours.store.models.letters import LetterSettings, LetterTemplate
from encours.store.models.mail_notices import MailboxConsent, MailNotice
from encours.store.models.mentions import Mention, Note
from encours.store.models.messages import Attempt, Message, MessageAttachment
from encours.store.models.orders import (
    Delivery,
    DocumentReference,
    Order,
    OrderDocument,
    OrderFlag,
    TermsRevision,
)
from encours.store.models.policy_previews import PolicyPreview, PolicyPreviewLine
from encours.store.models.portal import (
    ContactRequest,
    PlanRequest,
    PortalCode,
    PortalLink,
    PortalSettings,
    PortalView,
)
from encours.store.models.portfolios import Call, Digest, EndedReceivable, PortfolioCustomer, PortfolioRule
from encours.store.models.reconciliation import ReconciliationAnswer, ReconciliationRun
from encours.store.models.replies import Mailbox, Reply, ReplySettings
from encours.store.models.rollups import CustomerBalance, DailyFlow, OpenByDueDate
from encours.store.models.rules_previews import RulesPreview, RulesPreviewLine
from encours.store.models.scores import Score
from encours.store.models.simulations import (
    HeldOutReminder,
    HoldOut,
    SimulatedMessage,
    Simulation,
)
from encours.store.models.tasks import Task
from encours.store.models.webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent

__all__ = [
    "AccountingExport",
    "AccountingSettings",
    "Allocation",
    "ApiToken",
    "Attempt",
    "BankAccount",
    "BankConnection",
    "BankNotice",
    "BookLine",
    "BulkAcceptance",
    "Call",
    "ChannelConnection",
    "Charge",
    "ChargeDocument",
    "ChargeNotice",
    "Chargeback",
    "ColumnMapping",
    "Company",
    "Contact",
    "ContactRequest",
    "CourtFile",
    "Customer",
    "CustomerBalance",
    "DailyFlow",
    "Delivery",
    "DeliveryReport",
    "Digest",
    "DigestScope",
    "DirectDebitFile",
    "Dispute",
    "Document",
    "DocumentReference",
    "DoubtfulDebt",
    "DropFile",
    "EndedReceivable",
    "EntryLine",
    "FeedAccount",
    "FeedLine",
    "GatewayConnection",
    "GatewayEvent",
    "HeldOutReminder",
    "Hold",
    "HoldOut",
    "ImportBatch",
    "ImportProblem",
    "Instalment",
    "InterestClaim",
    "JournalEntry",
    "KeptAnswer",
    "LetterBatch",
    "LetterSettings",
    "LetterTemplate",
    "Lettering",
    "LetteringPart",
    "MailNotice",
    "Mailbox",
    "MailboxConsent",
    "Match",
    "Membership",
    "Mention",
    "Message",
    "MessageAttachment",
    "Movement",
    "Note",
    "OpenByDueDate",
    "Order",
    "OrderDocument",
    "OrderFlag",
    "Paper",
    "Payment",
    "PaymentMandate",
    "PaymentOption",
    "PaymentPlan",
    "Payout",
    "PlanDocument",
    "PlanInstalment",
    "PlanRequest",
    "Policy",
    "PolicyAssignment",
    "PolicyPreview",
    "PolicyPreviewLine",
    "PolicyStep",
    "PortalCode",
    "PortalLink",
    "PortalSettings",
    "PortalView",
    "PortfolioCustomer",
    "PortfolioRule",
    "Promise",
    "PromiseDocument",
    "Receivable",
    "ReconciliationAnswer",
    "ReconciliationRun",
    "ReferenceRate",
    "Refund",
    "Reminder",
    "Reply",
    "ReplySettings",
    "Role",
    "RulesPreview",
    "RulesPreviewLine",
    "Score",
    "SimulatedMessage",
    "Simulation",
    "Statement",
    "StoredFile",
    "Task",
    "TermsRevision",
    "Transaction",
    "User",
    "VatLine",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
]
