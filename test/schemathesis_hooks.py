"""What Schemathesis is not to try; see .ci/run."""

import schemathesis


def is_meant_for_cents(value):
    """Off by a few units in the last place, as 3.11 + 1 is from 4.11."""
    return isinstance(value, float) and 0 < abs(value - round(value, 2)) <= 1e-14 * max(1, abs(value))


@schemathesis.hook
def filter_body(_context, body):
    # An amount that was computed is taken for the one that is meant (src/money.ts). By the letter it breaks `multipleOf`.
    return not isinstance(body, dict) or not any(map(is_meant_for_cents, body.values()))
