#!/bin/sh
# pydantic 2.14.4: a bound that stands behind a validator function in `Annotated` is checked, but the JSON schema has it by pydantic's own
# name (`ge`, `multiple_of`), which is no keyword of JSON Schema: whoever generates a client or a form from it knows no bound. Before the
# function the same bound is `minimum`, `multipleOf`. Frameworks that make OpenAPI of such types (django-ninja, FastAPI) hand it on.
#
# Output seen:
#   before: {'minimum': 1, 'multipleOf': 2, 'type': 'integer'}
#   behind: {'ge': 1, 'multiple_of': 2, 'type': 'integer'}
#   both refuse 0 and 3: True
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet pydantic==2.14.4
venv/bin/python - <<'SCRIPT' | tee seen
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

same, bounds = AfterValidator(lambda value: value), Field(ge=1, multiple_of=2)
types = {"before": TypeAdapter(Annotated[int, bounds, same]), "behind": TypeAdapter(Annotated[int, same, bounds])}


def refuses(adapter, value):
    try:
        adapter.validate_python(value)
    except ValidationError:
        return True
    return False


for name, adapter in types.items():
    print(f"{name}: {dict(sorted(adapter.json_schema().items()))}")
print(f"both refuse 0 and 3: {all(refuses(adapter, value) for adapter in types.values() for value in (0, 3))}")
SCRIPT
cat >expected <<'EXPECTED'
before: {'minimum': 1, 'multipleOf': 2, 'type': 'integer'}
behind: {'ge': 1, 'multiple_of': 2, 'type': 'integer'}
both refuse 0 and 3: True
EXPECTED
cmp expected seen
