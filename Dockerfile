# slsa-gen in a container: the command line, and the Action beside it (action.yml names it).
#
#   docker build -t slsa-gen .      or: make image
#
# No USER and no WORKDIR: an Action runs as root in the folder that the runner mounts, and at
# a terminal both are said to `docker run`. It works as any user, with a read-only root and
# without capabilities (docs/container.md).

# Python 3.13.15 on Debian 13.6, by the digest of its index.
ARG BASE=python:3.13-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285

FROM ${BASE} AS build
ENV PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

# Two environments: one with the tools, which stays behind, and one without any, at the path
# where it will lie.
RUN python3 -m venv /tools && python3 -m venv --without-pip /opt/slsa-gen

# Every package by version and hash, and nothing to resolve: the locks are complete. The
# build backend is among the packages of development.
COPY requirements/ requirements/
RUN sed -n '/^flit-core==/,/[^\\]$/p' requirements/dev.txt >/tmp/backend.txt \
 && /tools/bin/pip install --quiet --no-deps --require-hashes -r /tmp/backend.txt \
 && /tools/bin/pip --python /opt/slsa-gen/bin/python install --quiet --no-compile --no-deps \
      --only-binary :all: --require-hashes -r requirements/runtime.txt

# When the sources were last changed, in seconds; what is built takes its times from it. It
# stands here because whatever follows is built anew for another one.
ARG SOURCE_DATE_EPOCH=315532800
ENV SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH}
COPY LICENSE README.md pyproject.toml ./
COPY slsa_gen/ slsa_gen/
COPY scripts/ scripts/
RUN /tools/bin/python -m flit_core.wheel --outdir /tmp/dist . \
 && /tools/bin/pip --python /opt/slsa-gen/bin/python install --quiet --no-compile --no-deps \
      --no-index /tmp/dist/*.whl \
 && /tools/bin/pip --python /opt/slsa-gen/bin/python check

# The two programs, and no others; compiled in advance, with nothing in it that differs from
# build to build.
RUN cd /opt/slsa-gen/bin && find . -mindepth 1 ! -name 'python*' -delete \
 && sed 's/@WHAT@/The command line/; s/@MODULE@/slsa_gen/' /src/scripts/container-launch >slsa-gen \
 && sed 's/@WHAT@/The Action/; s/@MODULE@/slsa_gen.action/' /src/scripts/container-launch >slsa-gen-action \
 && chmod 755 slsa-gen slsa-gen-action \
 && rm -rf /opt/slsa-gen/include /opt/slsa-gen/.gitignore \
 && find /opt/slsa-gen -name direct_url.json -delete \
 && PYTHONHASHSEED=0 ./python -I -m compileall -q --invalidation-mode unchecked-hash /opt/slsa-gen \
 && ./python -I /src/scripts/container_precompile.py /image \
 && mkdir -p /image/opt && mv /opt/slsa-gen /image/opt/ \
 && find /image -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +

FROM ${BASE}
ARG SOURCE=unknown
ARG REVISION=unknown
ARG VERSION=unknown
LABEL org.opencontainers.image.title="slsa-gen" \
      org.opencontainers.image.description="SLSA Build Level 2 provenance for what a workflow built, signed keylessly with Sigstore, and verified offline" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.version="${VERSION}"
# One layer, of the same bytes in every build: also the times of its folders are given.
COPY --from=build /image/ /
ENTRYPOINT ["/opt/slsa-gen/bin/slsa-gen"]
