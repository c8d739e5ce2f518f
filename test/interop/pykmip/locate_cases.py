"""Locate, with every filter that PyKMIP can send."""

import time

from kmip.core import enums
from kmip.pie import objects

from suite import ENCRYPTION, Mask, State, Type, attribute, case, equal, fresh_name, succeeded, template

AES = enums.CryptographicAlgorithm.AES


def keys(session, count):
    """That many keys of one name that nothing else has, oldest first, and the filter for it."""
    name = fresh_name('located')
    return [session.aes(name=name) for _ in range(count)], attribute(Type.NAME, name)


@case()
def by_name(session):
    """locate: by the whole name, newest first; a part of it finds nothing"""
    made, name = keys(session, 2)
    equal(session.client.locate(attributes=[name]), made[::-1])
    equal(session.client.locate(attributes=[attribute(Type.NAME, 'located')]), [])


@case()
def everything(session):
    """locate: without a filter, all that the user has"""
    made, _ = keys(session, 2)
    found = session.client.locate()
    equal(found[:2], made[::-1])
    equal(len(found), len(set(found)))


@case()
def pages(session):
    """locate: Maximum Items and Offset Items, to the last page and the empty one behind it"""
    made, name = keys(session, 5)
    newest = made[::-1]
    locate = lambda **more: session.client.locate(attributes=[name], **more)
    equal(locate(maximum_items=2), newest[:2])
    equal(locate(maximum_items=2, offset_items=2), newest[2:4])
    equal(locate(maximum_items=2, offset_items=4), newest[4:])
    equal(locate(maximum_items=2, offset_items=6), [])
    equal(locate(offset_items=3), newest[3:])


@case()
def by_state(session):
    """locate: by State, which follows the key"""
    (waiting, active), name = keys(session, 2)
    session.client.activate(active)
    locate = lambda state: session.client.locate(attributes=[name, attribute(Type.STATE, state)])
    equal(locate(State.PRE_ACTIVE), [waiting])
    equal(locate(State.ACTIVE), [active])
    session.client.revoke(enums.RevocationReasonCode.SUPERSEDED, active)
    equal(locate(State.DEACTIVATED), [active])
    equal(locate(State.ACTIVE), [])


@case()
def by_several(session):
    """locate: all filters must match: type, algorithm, length, usage mask, name"""
    name = fresh_name('several')
    uid = session.aes(128, name=name)
    secret = session.client.register(objects.SecretData(b'word', enums.SecretDataType.PASSWORD, masks=[], name=name))
    filters = {
        Type.NAME: name,
        Type.OBJECT_TYPE: enums.ObjectType.SYMMETRIC_KEY,
        Type.CRYPTOGRAPHIC_ALGORITHM: AES,
        Type.CRYPTOGRAPHIC_LENGTH: 128,
        Type.CRYPTOGRAPHIC_USAGE_MASK: [Mask.ENCRYPT],
    }
    locate = lambda wanted: session.client.locate(attributes=[attribute(*one) for one in wanted.items()])
    equal(locate({Type.NAME: name}), [secret, uid])
    equal(locate(filters), [uid])
    for change in (
        {Type.OBJECT_TYPE: enums.ObjectType.SECRET_DATA},
        {Type.CRYPTOGRAPHIC_ALGORITHM: enums.CryptographicAlgorithm.TRIPLE_DES},
        {Type.CRYPTOGRAPHIC_LENGTH: 256},
        {Type.CRYPTOGRAPHIC_USAGE_MASK: [Mask.ENCRYPT, Mask.SIGN]},
    ):
        equal(locate({**filters, **change}), [])


@case()
def by_identifier(session):
    """locate: by Unique Identifier"""
    uid = session.aes()
    equal(session.client.locate(attributes=[attribute(Type.UNIQUE_IDENTIFIER, uid)]), [uid])
    equal(session.client.locate(attributes=[attribute(Type.UNIQUE_IDENTIFIER, 'nobody')]), [])


@case()
def by_dates(session):
    """locate: by one date, and by two as a range with its ends"""
    (uid,), name = keys(session, 1)
    made = session.attribute(uid, 'Initial Date')
    initial = lambda date: attribute(Type.INITIAL_DATE, date)
    locate = lambda *dates: session.client.locate(attributes=[name, *map(initial, dates)])
    equal(locate(made), [uid])
    equal(locate(made - 1), [])
    equal(locate(made, made + 60), [uid])
    equal(locate(made - 60, made), [uid])
    equal(locate(made - 60, made - 1), [])


@case()
def by_activation_date(session):
    """locate: by Activation Date, set by Activate"""
    (uid,), name = keys(session, 1)
    now = int(time.time())
    dates = [attribute(Type.ACTIVATION_DATE, one) for one in (now - 600, now + 600)]
    equal(session.client.locate(attributes=[name, *dates]), [])
    session.client.activate(uid)
    equal(session.client.locate(attributes=[name, *dates]), [uid])


@case(until=14)
def by_policy(session):
    """locate: by Operation Policy Name, which is default where none was given"""
    (uid,), name = keys(session, 1)
    locate = lambda policy: session.client.locate(attributes=[name, attribute(Type.OPERATION_POLICY_NAME, policy)])
    equal(locate('default'), [uid])
    equal(locate('public'), [])


@case()
def by_group_and_application(session):
    """locate: by Object Group and by Application Specific Information"""
    group, data = fresh_name('group'), fresh_name('data')
    application = {'application_namespace': 'ssl', 'application_data': data}
    given = template(
        attribute(Type.CRYPTOGRAPHIC_ALGORITHM, AES),
        attribute(Type.CRYPTOGRAPHIC_LENGTH, 256),
        attribute(Type.CRYPTOGRAPHIC_USAGE_MASK, ENCRYPTION),
        attribute(Type.OBJECT_GROUP, group),
        attribute(Type.APPLICATION_SPECIFIC_INFORMATION, application),
    )
    uid = succeeded(session.proxy.create(enums.ObjectType.SYMMETRIC_KEY, given)).uuid
    locate = lambda name, value: session.client.locate(attributes=[attribute(name, value)])
    equal(locate(Type.OBJECT_GROUP, group), [uid])
    equal(locate(Type.OBJECT_GROUP, 'another group'), [])
    equal(locate(Type.APPLICATION_SPECIFIC_INFORMATION, application), [uid])
    other = {**application, 'application_namespace': 'ssh'}
    equal(locate(Type.APPLICATION_SPECIFIC_INFORMATION, other), [])


@case(until=14)
def by_custom(session):
    """locate: by a custom attribute"""
    value = fresh_name('value')
    given = template(
        attribute(Type.CRYPTOGRAPHIC_ALGORITHM, AES),
        attribute(Type.CRYPTOGRAPHIC_LENGTH, 256),
        attribute(Type.CRYPTOGRAPHIC_USAGE_MASK, ENCRYPTION),
        attribute('x-NETAPP-ClusterId', value),
    )
    uid = succeeded(session.proxy.create(enums.ObjectType.SYMMETRIC_KEY, given)).uuid
    equal(session.client.locate(attributes=[attribute('x-NETAPP-ClusterId', value)]), [uid])
    equal(session.client.locate(attributes=[attribute('x-NETAPP-ClusterId', 'another')]), [])
    equal(session.client.locate(attributes=[attribute('x-NETAPP-NodeId', value)]), [])


@case()
def by_storage_status(session):
    """locate: Storage Status Mask: on-line objects, archived ones, destroyed ones"""
    (kept, gone), name = keys(session, 2)
    session.client.destroy(gone)
    locate = lambda mask: session.client.locate(storage_status_mask=mask, attributes=[name])
    equal(locate(1), [kept])
    equal(locate(2), [])
    equal(session.client.locate(attributes=[name]), [kept])


@case()
def by_group_member(session):
    """locate: Object Group Member: fresh objects, which a Get makes stale"""
    (older, newer), name = keys(session, 2)
    member = enums.ObjectGroupMember.GROUP_MEMBER_FRESH
    locate = lambda: session.client.locate(object_group_member=member, attributes=[name])
    equal(locate(), [newer, older])
    session.client.get(newer)
    equal(locate(), [older])


@case()
def by_everything(session):
    """locate: every option at once"""
    (uid,), name = keys(session, 1)
    found = session.client.locate(
        maximum_items=5,
        offset_items=0,
        storage_status_mask=1,
        object_group_member=enums.ObjectGroupMember.GROUP_MEMBER_FRESH,
        attributes=[name, attribute(Type.OBJECT_TYPE, enums.ObjectType.SYMMETRIC_KEY)],
    )
    equal(found, [uid])


@case()
def by_destroyed_name(session):
    """locate: a destroyed key is not found by its name"""
    (uid,), name = keys(session, 1)
    session.client.destroy(uid)
    equal(session.client.locate(attributes=[name]), [])


@case()
def by_certificate_type(session):
    """locate: by Certificate Type, which a key does not have"""
    _, name = keys(session, 1)
    kind = attribute(Type.CERTIFICATE_TYPE, enums.CertificateType.X_509)
    equal(session.client.locate(attributes=[name, kind]), [])
