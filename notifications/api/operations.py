"""What the operations of the API are written with, in whatever room."""

from ninja import Router as Router

from notifications.api.authentication import needs as needs
from notifications.api.errors import Problem as Problem
from notifications.api.idempotency import IdempotencyKey as IdempotencyKey
from notifications.api.idempotency import once as once
from notifications.api.schema import STORABLE as STORABLE
from notifications.api.schema import Given as Given
from notifications.api.schema import Limit as Limit
from notifications.api.schema import Moment as Moment
from notifications.api.schema import Number as Number
from notifications.api.schema import Whole as Whole
from notifications.api.schema import Yes as Yes
from notifications.api.schema import problem as problem
