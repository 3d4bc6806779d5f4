"""Where whoever may not do something can go on: the page that says who may, and how far it is."""

from django.utils.translation import gettext as _

from apps.groups.models import Group
from apps.resources.models import Resource, ResourceRequest


def back_to_request(wish: ResourceRequest) -> tuple[str, str]:
    return wish.get_absolute_url(), _("Open the page of the request")


def back_to_resource(resource: Resource) -> tuple[str, str]:
    return resource.get_absolute_url(), _("Open the page of the resource")


def back_to_group(group: Group) -> tuple[str, str]:
    return group.get_absolute_url(), _("Open the page of the group")
