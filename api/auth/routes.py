"""Table of contents of identity over HTTP."""

from api.auth.audit_routes import router as audit_log
from api.auth.invitation_routes import router as invitations
from api.auth.key_routes import router as api_keys
from api.auth.partner_routes import router as partners
from api.auth.profile_routes import router as profile
from api.auth.session_routes import router as sign_in
from api.auth.session_routes import well_known
from api.auth.user_routes import router as users
from api.auth.workspace_routes import router as workspace

routers = (sign_in, profile, workspace, users, invitations, api_keys, partners, audit_log)

__all__ = ["routers", "well_known"]
