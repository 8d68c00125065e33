"""Table of contents of identity over HTTP."""

from fastapi import APIRouter

from api.auth.audit_routes import router as audit_log
from api.auth.invitation_routes import router as invitations
from api.auth.key_routes import router as api_keys
from api.auth.profile_routes import router as profile
from api.auth.session_routes import router as sign_in
from api.auth.session_routes import well_known
from api.auth.user_routes import router as users
from api.auth.workspace_routes import router as workspace

router = APIRouter()
router.include_router(sign_in)
router.include_router(profile)
router.include_router(workspace)
router.include_router(users)
router.include_router(invitations)
router.include_router(api_keys)
router.include_router(audit_log)

__all__ = ["router", "well_known"]
