# One image for every process: the command of the service chooses which (`hub api`, `hub push`, …).

FROM node:22-bookworm-slim AS web
WORKDIR /build/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM python:3.12-slim-bookworm AS python
WORKDIR /srv/reis
RUN python -m venv /srv/venv
COPY requirements.lock ./
RUN /srv/venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml ./
COPY hub hub
COPY api api
COPY ingest ingest
COPY push push
COPY freight freight
COPY geo geo
COPY store store
RUN /srv/venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e .

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home reis && install -d -o reis /srv/reis/.data
COPY --from=python /srv/venv /srv/venv
COPY --from=python /srv/reis /srv/reis
COPY --from=web /build/web/dist /srv/reis/web/dist
WORKDIR /srv/reis
USER reis
ENV PATH=/srv/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HUB_LOG_FORMAT=json
STOPSIGNAL SIGTERM
ENTRYPOINT ["hub"]
CMD ["--help"]
