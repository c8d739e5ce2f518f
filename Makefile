# The pinned Node and the tools of node_modules come first, whatever the machine has.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export KMS_ROOT_DIR ?= var
export KMS_CERTS_DIR ?= certs/dev
export KMS_HOSTNAME ?= 127.0.0.1

.PHONY: install check test fuzz bench run certs

run: install           ## make certificates and a data folder if there are none, and serve
	@node certs/make.ts & certs=$$!; \
	{ test -e "$${KMS_DATABASE_FILE:-$(KMS_ROOT_DIR)/kleis.db}" || bin/kleis init; } && wait $$certs
	@exec bin/kleis serve

install: node_modules/.package-lock.json   ## fetch the dependencies, if the lock file is newer

node_modules/.package-lock.json: package-lock.json
	@command -v npm >/dev/null || { echo 'npm is needed (on Debian: apt-get install npm)' >&2; exit 1; }
	npm ci
	@touch $@

check: install         ## types, lint, import boundaries, unused code, generated files
	tsc
	biome check --error-on-warnings
	oxlint --type-aware --deny-warnings
	knip
	node scripts/make-rooms.ts --check
	node scripts/lock.ts --check
	node scripts/make-docs.ts --check
	node scripts/make-tables.ts --check

test: install          ## all tests; as root on Debian it installs what they need
	@scripts/test-needs
	@npm test --silent

fuzz: install          ## the property and fuzz tests, a minute each
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-60} npm run fuzz --silent

bench: install         ## speed, as ratios against a bare TLS server in the same run
	@node bench/codec.ts
	@node bench/run.ts
	@node bench/keychain.ts

certs: install         ## a development CA with a server and a client certificate, if there is none; CLIENTS="bob" adds more
	@node certs/make.ts $(CLIENTS)
