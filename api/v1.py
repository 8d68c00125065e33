"""Table of contents of the API, version 1."""

from fastapi import APIRouter

import api.accounts.models
import api.auth.models
import api.contacts.models
import api.products.models
from api.kit.tables import tables
from api.products.routes import router as products

router = APIRouter(prefix="/v1")
router.include_router(products)

__all__ = ["router", "tables"]
