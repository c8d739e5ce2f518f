"""What the cases have in common: how they are declared, and short forms for what PyKMIP wants spelled out."""

import uuid

from kmip.core import enums
from kmip.core import exceptions as core_exceptions
from kmip.core import objects as core
from kmip.core.factories.attributes import AttributeFactory
from kmip.pie import exceptions as pie_exceptions
from kmip.pie.client import ProxyKmipClient

VERSIONS = {f'{number // 10}.{number % 10}': number for number in (10, 11, 12, 13, 14, 20)}

CASES = []

Mask = enums.CryptographicUsageMask
Type = enums.AttributeType
Reason = enums.ResultReason
State = enums.State
ENCRYPTION = [Mask.ENCRYPT, Mask.DECRYPT]

_factory = AttributeFactory()


class Case:
    """A function of a session whose docstring says what a user sees, and the versions in which that is so."""

    def __init__(self, run, since, until):
        self.run = run
        self.name = ' '.join(run.__doc__.split())
        self.since = since
        self.until = until

    def applies(self, version):
        return self.since <= version <= self.until

    def overlaps(self, other):
        return self.since <= other.until and other.since <= self.until


def case(since=10, until=20):
    def declare(run):
        one = Case(run, since, until)
        assert not any(one.name == other.name and one.overlaps(other) for other in CASES), one.name
        CASES.append(one)
        return run

    return declare


class Server:
    """Where the server is, and with what PyKMIP goes there."""

    def __init__(self, version, port, ca, certificate, key):
        self.settings = {
            'hostname': '127.0.0.1',
            'port': int(port),
            'ca': ca,
            'cert': certificate,
            'key': key,
            'ssl_version': 'PROTOCOL_SSLv23',
            'kmip_version': enums.KMIPVersion[f'KMIP_{version.replace(".", "_")}'],
        }

    def client(self, **more):
        return ProxyKmipClient(**self.settings, **more)


class Session:
    """One connection of PyKMIP in one version: `client` is the simple client, `proxy` the one below it."""

    def __init__(self, client, version, server):
        self.client = client
        self.proxy = client.proxy
        self.version = version
        self.server = server

    def aes(self, length=256, active=False, **more):
        uid = self.client.create(enums.CryptographicAlgorithm.AES, length, **more)
        if active:
            self.client.activate(uid)
        return uid

    def attribute(self, uid, name):
        """The one value of an attribute, or None where the object has none."""
        values = self.attributes(uid, name)
        assert len(values) <= 1, f'{name} has {len(values)} values'
        return values[0] if values else None

    def attributes(self, uid, name):
        _, found = self.client.get_attributes(uid, [name])
        wrong = [one.attribute_name.value for one in found if one.attribute_name.value != name]
        assert not wrong, f'asked for {name}, got {wrong}'
        return [plain(one.attribute_value) for one in found]

    def state(self, uid):
        return self.attribute(uid, 'State')

    def not_found(self):
        """The reason for an object that is not there: KMIP 2.0 has one of its own."""
        return Reason.ITEM_NOT_FOUND if self.version < 20 else Reason.OBJECT_NOT_FOUND

    def wrong_usage(self):
        return Reason.PERMISSION_DENIED if self.version < 20 else Reason.INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK

    def attribute_not_found(self):
        return Reason.ITEM_NOT_FOUND if self.version < 20 else Reason.ATTRIBUTE_NOT_FOUND

    def gone(self):
        """The reason of Get for a destroyed object."""
        return Reason.ITEM_NOT_FOUND if self.version < 20 else Reason.OBJECT_DESTROYED


def plain(value):
    """What stands in an attribute: a number, text, bytes, enumeration, or the structure itself."""
    if hasattr(value, 'name_value'):
        return value.name_value.value
    return getattr(value, 'value', value)


def attribute(name, value, index=None):
    return _factory.create_attribute(name, value, index)


def tagged(name, value):
    """An attribute of 2.0, which is known by its tag."""
    return _factory.value_factory.create_attribute_value_by_enum(enums.convert_attribute_name_to_tag(name), value)


def fresh_name(what='key'):
    """A name that nothing else has."""
    return f'{what} {uuid.uuid4()}'


def template(*attributes, tag=enums.Tags.TEMPLATE_ATTRIBUTE):
    return core.TemplateAttribute(attributes=list(attributes), tag=tag)


def equal(found, expected):
    assert found == expected, f'{found!r} is not {expected!r}'


def refused(reason, call, *arguments, **named):
    """The call must fail for that reason, with a message."""
    try:
        call(*arguments, **named)
    except (pie_exceptions.KmipOperationFailure, core_exceptions.OperationFailure) as failure:
        equal(failure.reason, reason)
        assert str(failure), 'the failure has no message'
    else:
        raise AssertionError(f'success instead of {reason.name}')


def succeeded(result):
    """The result of a method of KMIPProxy, which does not raise what fails."""
    status = result.result_status.value
    message = result.result_message.value if result.result_message else ''
    assert status == enums.ResultStatus.SUCCESS, f'{status.name}: {message}'
    return result
