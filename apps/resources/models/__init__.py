"""Resources: something useful that is not money, its stewards, the requests for it, and what machines do for them."""

from apps.resources.models.jobs import Job
from apps.resources.models.offers import PoolLink, Resource, Stewardship
from apps.resources.models.requests import SAID_AFTERWARDS, OnTheList, ResourceRequest

__all__ = ["SAID_AFTERWARDS", "Job", "OnTheList", "PoolLink", "Resource", "ResourceRequest", "Stewardship"]
