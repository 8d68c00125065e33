"""Table of contents of the API, version 1."""

from fastapi import APIRouter

from api.accounts.configuration_routes import field_router as custom_fields
from api.accounts.configuration_routes import policy_router as assignment_policies
from api.accounts.configuration_routes import segment_router as segments
from api.accounts.configuration_routes import settings_router as account_settings
from api.accounts.configuration_routes import view_router as saved_views
from api.accounts.me import router as me
from api.accounts.routes import router as accounts
from api.accounts.team_routes import router as account_team
from api.auth.routes import router as identity
from api.auth.routes import well_known
from api.contacts.routes import router as contacts
from api.events.routes import router as events
from api.kit.tables import tables
from api.products.routes import router as products

router = APIRouter(prefix="/v1")

# Identity, and what happened.
router.include_router(identity)
router.include_router(me)
router.include_router(events)

# Customers.
router.include_router(accounts)
router.include_router(account_team)
router.include_router(account_settings)
router.include_router(segments)
router.include_router(saved_views)
router.include_router(custom_fields)
router.include_router(assignment_policies)
router.include_router(contacts)

# The catalogue.
router.include_router(products)

__all__ = ["router", "tables", "well_known"]
