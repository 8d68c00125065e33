"""The words of the English-speaking workspace: people, configuration, catalogue."""

from typing import Final

from api.demo.english_companies import COMPANIES
from api.demo.market import Market, PersonName

_FAMILIES: Final = (
    "Abbott Alvarez Bianchi Carver Chen Dalton Delgado Ellison Farah Fischer Gallagher Haddad Ibarra Jensen Kapoor "
    "Kowalski Lindqvist Maddox Nakamura Novak Okafor Pereira Quinn Ramirez Rowe Sandoval Thorne Underhill Vance Yates"
)
_GIVEN: Final = (
    "Amara Ben Camila Derek Elena Felix Georgia Hassan Imani Jonas Keiko Leo Maya Nathan Olive Pedro Rosa Samir Tess "
    "Umar Violet Wes Ximena Yara Zoe"
)

MARKET: Final = Market(
    country="US",
    companies=COMPANIES,
    colleagues=("Marcus Bell", "Hannah Fox", "Luis Romero", "Emily Tan"),
    family_names=[PersonName(name, name, name.lower()) for name in _FAMILIES.split()],
    given_names=[PersonName(name, name, name.lower()) for name in _GIVEN.split()],
    family_first=False,
    positions={
        "decision_maker": (("Operations", "COO"), ("IT", "VP of IT"), ("Finance", "CFO")),
        "champion": (("Operations", "Operations Manager"), ("IT", "Systems Lead"), ("Sales", "RevOps Manager")),
        "influencer": (("Finance", "Controller"), ("Procurement", "Buyer"), ("People", "HR Manager")),
        "user": (("Sales", "Account Executive"), ("Support", "Team Lead"), ("Warehouse", "Shift Supervisor")),
        "blocker": (("Security", "CISO"), ("Legal", "General Counsel")),
    },
    tags=("strategic", "reference-candidate", "user-group", "east", "west", "multi-site", "beta"),
    reasons={
        "onboarded": ("Admins trained and data migrated", "Rolled out to all sites", "First report used in a board meeting"),
        "renewal": ("Renewal talks opened", "Aligned with next year's budget"),
        "renewed": ("Renewed for a year", "Renewed with more seats"),
        "churned": ("Parent company consolidated its tools", "Team was dissolved", "Adoption never took hold"),
        "back": ("Signed again under a new COO", "Another department starts over"),
        "primary": ("Reorganisation", "Predecessor left the company", "Project moved to another department", "Promotion"),
    },
    stakes=(
        "Next year's promotion depends on this rollout",
        "Sponsored a rollout that failed before; this one has to stick",
        "The floor is sceptical, so quick wins matter",
        "Needs hard numbers for an internal award",
    ),
    settings={
        "icp_criteria": [
            {"field": "industry", "values": ["Logistics", "Manufacturing", "Retail"], "weight": 2},
            {"field": "size_band", "values": ["smb"], "weight": 2},
            {"field": "country", "values": ["US"], "weight": 1},
            {"field": "tag", "values": ["multi-site"], "weight": 1},
        ],
        "onboarding_criteria": [
            {"key": "kickoff", "label": "Kick-off held"},
            {"key": "admin_trained", "label": "Admins trained"},
            {"key": "first_report", "label": "First report used in a meeting"},
        ],
        "importance": {"full_amount": 2_000_000, "full_seats": 800},
    },
    fields=(
        {"resource": "account", "key": "plan", "label": "Plan", "type": "option",
         "options": ["Starter", "Business", "Enterprise"]},
        {"resource": "account", "key": "acquired_through", "label": "Acquired through", "type": "option",
         "options": ["Referral", "Event", "Web", "Partner"]},
        {"resource": "account", "key": "sites", "label": "Sites", "type": "number"},
        {"resource": "account", "key": "fiscal_close_on", "label": "Fiscal close", "type": "date"},
        {"resource": "account", "key": "logo_allowed", "label": "Logo may be shown", "type": "boolean"},
        {"resource": "contact", "key": "preferred_channel", "label": "Preferred channel", "type": "option",
         "options": ["E-mail", "Phone", "Chat"]},
    ),
    segments=(
        ("Logistics SMB", "Mid-sized carriers and warehouses",
         {"industry": ["Logistics"], "employee_count_min": 10, "employee_count_max": 500}),
        ("Enterprise", "More than 500 employees", {"employee_count_min": 501}),
        ("In onboarding", "Customers who still need help to start", {"phase": ["onboarding"]}),
        ("First renewal", "Customers before their first renewal", {"phase": ["renewal"], "is_first_renewal": True}),
        ("Reference candidates", "Customers who may speak for us",
         {"tags": ["reference-candidate"], "phase": ["adoption", "renewal"]}),
    ),
    products=(
        {"external_id": "sku-core", "name": "Northwind Flow", "family": "Operations",
         "description": "Requests, approvals and cases in one place",
         "success_statement": "No more paper requests; approvals take half the time",
         "value_milestone": "Every department approved its first request"},
        {"external_id": "sku-analytics", "name": "Northwind Insights", "family": "Analytics",
         "description": "Dashboards across departments",
         "success_statement": "The board pack is ready in half a day",
         "value_milestone": "First dashboard used in a board meeting"},
        {"external_id": "sku-connect", "name": "Northwind Connect", "family": "Integration",
         "description": "Data exchange with ERP and accounting",
         "success_statement": "Nothing is typed twice",
         "value_milestone": "Daily ERP sync ran for a week"},
        {"external_id": "sku-mobile", "name": "Northwind Mobile", "family": "Operations",
         "description": "The app for people in the field",
         "success_statement": "Field reports are in on the same day",
         "value_milestone": "80 % of the field reports weekly"},
        {"external_id": "sku-academy", "name": "Northwind Academy", "family": "Services",
         "description": "Training for admins and users",
         "success_statement": "The customer changes its own set-up",
         "value_milestone": "Two admins certified"},
        {"external_id": "sku-assist", "name": "Northwind Assist", "family": "AI",
         "description": "Drafts and summaries for support",
         "success_statement": "First replies within ten minutes",
         "value_milestone": "Half of the drafts are sent as they are"},
        {"external_id": "sku-server", "name": "Northwind Server", "family": "Operations",
         "description": "On premises, no longer sold", "sellable": False},
    ),
    overrides=(
        ("sku-core", "Logistics SMB", "Dispatch runs without paper and overtime falls", "One depot stopped paper logs"),
        ("sku-core", "Enterprise", "One approval policy for the whole group", "Head office and two subsidiaries live"),
        ("sku-analytics", "Logistics SMB", "Load factor is known weekly", "Weekly load report used in planning"),
        ("sku-analytics", "Enterprise", "Group figures are in by the next business day", "Group dashboard used by the board"),
        ("sku-mobile", "Logistics SMB", "Drivers report within five minutes", "80 % of drivers report daily"),
    ),
    views=(
        ("My renewals", {"phase": ["renewal"], "sort": "renewal_on", "columns": ["name", "mrr", "renewal_on"]}, False),
        ("In onboarding", {"phase": ["onboarding"], "sort": "created_at", "columns": ["name", "owner", "phase_since"]}, True),
        ("Strategic", {"tags": ["strategic"], "sort": "-importance", "columns": ["name", "importance", "health_score"]}, True),
    ),
)  # fmt: skip
