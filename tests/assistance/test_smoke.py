import pytest

from assistance.stages import Stage
from tests.assistance.aid import at_stage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("stage", Stage)
def test_reaches(stage):
    assert at_stage(stage).stage == stage
