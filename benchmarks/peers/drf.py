"""Django REST framework the usual way: a model, a serializer, a ModelViewSet."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from benchmarks.peers.shared import DATABASE_URL, RATE, key_hash, write_line

_parts = urlsplit(DATABASE_URL)
settings.configure(
    SECRET_KEY="only for the bench",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    TIME_ZONE="UTC",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    MIDDLEWARE=[
        f"{__name__}.LogLine",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.http.ConditionalGetMiddleware",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _parts.path.lstrip("/"),
            "USER": _parts.username,
            "HOST": parse_qs(_parts.query)["host"][0],
            "CONN_MAX_AGE": None,
        }
    },
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
        # Per second: the throttle keeps every moment within the period, which a minute at this rate would make dear.
        "DEFAULT_THROTTLE_RATES": {"user": f"{RATE}/second"},
    },
)
django.setup()

from django.contrib.postgres.fields import ArrayField  # noqa: E402
from django.db import models  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from rest_framework import authentication, exceptions, pagination, routers, serializers, viewsets  # noqa: E402
from rest_framework.request import Request  # noqa: E402


class Account(models.Model):
    id = models.UUIDField(primary_key=True)
    workspace_id = models.UUIDField()
    version = models.IntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)
    external_id = models.TextField(null=True)
    name = models.TextField()
    legal_name = models.TextField(null=True)
    kana = models.TextField(null=True)
    corporate_number = models.TextField(null=True)
    domain = models.TextField(null=True)
    industry = models.TextField(null=True)
    employee_count = models.IntegerField(null=True)
    country = models.TextField(null=True)
    language = models.TextField(null=True)
    parent_id = models.UUIDField(null=True)
    owner_id = models.UUIDField(null=True)
    phase = models.TextField()
    phase_since = models.DateField()
    onboarding_completed_at = models.DateTimeField(null=True)
    is_first_renewal = models.BooleanField()
    touch_model = models.TextField(null=True)
    touch_model_override = models.TextField(null=True)
    sources = models.JSONField()
    tags = ArrayField(models.TextField())
    custom = models.JSONField()
    currency = models.TextField(null=True)
    mrr_minor = models.BigIntegerField(null=True)
    arr_minor = models.BigIntegerField(null=True)
    seats = models.IntegerField(null=True)
    first_paid_on = models.DateField(null=True)
    renewal_on = models.DateField(null=True)
    notice_deadline = models.DateField(null=True)
    health_score = models.FloatField(null=True)
    health_band = models.TextField(null=True)
    usage_status = models.TextField(null=True)
    icp_fit = models.FloatField(null=True)
    importance = models.FloatField(null=True)

    class Meta:
        app_label = "bench"
        managed = False
        db_table = 'bench"."accounts'


class ApiKey(models.Model):
    key_hash = models.TextField(primary_key=True)
    workspace_id = models.UUIDField()
    revoked_at = models.DateTimeField(null=True)
    is_authenticated = True

    class Meta:
        app_label = "bench"
        managed = False
        db_table = 'bench"."api_keys'


class ApiKeyAuthentication(authentication.BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[ApiKey, None]:
        hashed = key_hash(request.headers.get("authorization", ""))
        key = ApiKey.objects.filter(key_hash=hashed, revoked_at=None).first() if hashed else None
        if key is None:
            raise exceptions.AuthenticationFailed
        request._request.workspace = key.workspace_id  # noqa: SLF001
        return key, None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return "Bearer"


class ByName(pagination.CursorPagination):
    ordering = ("name", "id")
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200


class AccountSerializer(serializers.ModelSerializer):
    mrr = serializers.SerializerMethodField()
    arr = serializers.SerializerMethodField()

    class Meta:
        model = Account
        exclude = ("workspace_id", "currency", "mrr_minor", "arr_minor")

    def get_mrr(self, account: Account) -> dict[str, Any] | None:
        return None if account.mrr_minor is None else {"amount": account.mrr_minor, "currency": account.currency}

    def get_arr(self, account: Account) -> dict[str, Any] | None:
        return None if account.arr_minor is None else {"amount": account.arr_minor, "currency": account.currency}


class AccountViewSet(viewsets.ModelViewSet):
    authentication_classes = (ApiKeyAuthentication,)
    pagination_class = ByName
    serializer_class = AccountSerializer

    def get_queryset(self) -> models.QuerySet[Account]:
        return Account.objects.filter(workspace_id=self.request.user.workspace_id, archived_at=None)


class LogLine:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        workspace = getattr(request, "workspace", None)
        write_line(request.method, request.path, response.status_code, started, workspace)
        return response


router = routers.SimpleRouter(trailing_slash=False)
router.register("accounts", AccountViewSet, basename="account")
urlpatterns = router.urls
application = get_wsgi_application()
