"""Get Attributes, Get Attribute List, Set, Modify and Delete Attribute."""

from kmip.core import enums
from kmip.core import objects as core
from kmip.pie import objects

from suite import (
    ENCRYPTION,
    Reason,
    State,
    Type,
    attribute,
    case,
    equal,
    fresh_name,
    refused,
    succeeded,
    tagged,
    template,
)


@case()
def get_attributes(session):
    """get_attributes: those that are named and that the key has, and no others"""
    uid = session.aes(name='some name')
    wanted = ['Object Type', 'State', 'Name', 'Cryptographic Length', 'Activation Date', 'Contact Information']
    found_uid, found = session.client.get_attributes(uid, wanted)
    equal(found_uid, uid)
    equal(
        sorted(one.attribute_name.value for one in found),
        ['Cryptographic Length', 'Name', 'Object Type', 'State'],
    )


@case()
def get_nothing(session):
    """get_attributes: an attribute that the key does not have is success without it"""
    uid = session.aes()
    equal(session.client.get_attributes(uid, ['Contact Information']), (uid, []))


@case(since=11, until=13)
def get_all_attributes(session):
    """get_attributes: all of them, of a registered key"""
    # PyKMIP cannot read the Digest of 1.0, some attributes of keys that were made here, nor those that 1.4 adds.
    key = objects.SymmetricKey(enums.CryptographicAlgorithm.AES, 128, bytes(16), masks=ENCRYPTION, name=fresh_name())
    _, found = session.client.get_attributes(session.client.register(key))
    names = {one.attribute_name.value for one in found}
    always = ('Unique Identifier', 'Object Type', 'Name', 'State', 'Digest', 'Initial Date', 'Operation Policy Name')
    for name in always:
        assert name in names, f'{name} is missing'


@case(until=14)
def get_absent_custom(session):
    """get_attributes: a custom attribute that the key does not have is success without it"""
    uid = session.aes()
    equal(session.client.get_attributes(uid, ['x-Product_Version']), (uid, []))


@case()
def get_attribute_list(session):
    """get_attribute_list: the names, each once, none newer than the version"""
    names = session.client.get_attribute_list(session.aes(name=fresh_name()))
    equal(len(names), len(set(names)))
    for name in ('Cryptographic Algorithm', 'Cryptographic Usage Mask', 'Name', 'Object Type', 'State'):
        assert name in names, f'{name} is missing'
    since = {'Fresh': 11, 'Original Creation Date': 12, 'Random Number Generator': 13, 'Sensitive': 14}
    for name, version in since.items():
        equal(name in names, session.version >= version)


@case(since=11, until=14)
def modify_by_index(session):
    """modify_attribute: a Name by its index, which the answer shows with the new value"""
    uid = session.aes(name='before')
    changed = attribute(Type.NAME, 'after', 0)
    found_uid, found = session.client.modify_attribute(uid, attribute=changed)
    equal(found_uid, uid)
    equal((found.attribute_name.value, found.attribute_index.value), ('Name', 0))
    equal(found.attribute_value.name_value.value, 'after')
    equal(session.attributes(uid, 'Name'), ['after'])


@case(until=14)
def modify_without_index(session):
    """modify_attribute: a Name without index, of an Active key"""
    uid = session.aes(name='before', active=True)
    _, found = session.client.modify_attribute(uid, attribute=attribute(Type.NAME, 'after'))
    equal(found.attribute_value.name_value.value, 'after')
    equal(session.attributes(uid, 'Name'), ['after'])


@case(until=14)
def modify_absent(session):
    """modify_attribute: not what the key does not have, and not what the server alone sets"""
    uid = session.aes()
    refused(Reason.INVALID_FIELD, session.client.modify_attribute, uid, attribute=attribute(Type.OBJECT_GROUP, 'group'))
    read_only = attribute(Type.CRYPTOGRAPHIC_LENGTH, 128)
    refused(Reason.PERMISSION_DENIED, session.client.modify_attribute, uid, attribute=read_only)


@case(until=14)
def modify_date(session):
    """modify_attribute: an Activation Date in the past makes a Pre-Active key Active"""
    uid = session.client.rekey(session.aes(), activation_date=4102444800)
    equal(session.state(uid), State.PRE_ACTIVE)
    session.client.modify_attribute(uid, attribute=attribute(Type.ACTIVATION_DATE, 1577836800))
    equal(session.state(uid), State.ACTIVE)


@case(since=20)
def modify_current(session):
    """modify_attribute: a Name by its current value"""
    uid = session.aes(name='before')
    found_uid, _ = session.client.modify_attribute(
        uid,
        current_attribute=core.CurrentAttribute(attribute=tagged('Name', 'before')),
        new_attribute=core.NewAttribute(attribute=tagged('Name', 'after')),
    )
    equal(found_uid, uid)
    equal(session.attributes(uid, 'Name'), ['after'])


@case(since=20)
def modify_without_current(session):
    """modify_attribute: the only Name without its current value"""
    uid = session.aes(name='before')
    session.client.modify_attribute(uid, new_attribute=core.NewAttribute(attribute=tagged('Name', 'after')))
    equal(session.attributes(uid, 'Name'), ['after'])


@case(since=20)
def modify_missing_instance(session):
    """modify_attribute: not a Name that the key does not have, and not what the server alone sets"""
    uid = session.aes(name='before')
    refused(
        Reason.ATTRIBUTE_INSTANCE_NOT_FOUND,
        session.client.modify_attribute,
        uid,
        current_attribute=core.CurrentAttribute(attribute=tagged('Name', 'another')),
        new_attribute=core.NewAttribute(attribute=tagged('Name', 'after')),
    )
    refused(
        Reason.ATTRIBUTE_READ_ONLY,
        session.client.modify_attribute,
        uid,
        new_attribute=core.NewAttribute(attribute=tagged('Cryptographic Length', 128)),
    )


@case(since=20)
def set_attribute(session):
    """set_attribute: Sensitive is set, and a plain Get refused from then on"""
    uid = session.aes()
    equal(session.client.set_attribute(uid, attribute_name='Sensitive', attribute_value=True), uid)
    equal(session.attribute(uid, 'Sensitive'), True)
    refused(Reason.SENSITIVE, session.client.get, uid)


@case(since=20)
def set_attribute_read_only(session):
    """set_attribute: not what the server alone sets"""
    refused(
        Reason.READ_ONLY_ATTRIBUTE,
        session.client.set_attribute,
        session.aes(),
        attribute_name='Cryptographic Length',
        attribute_value=128,
    )


@case(since=11, until=14)
def delete_by_index(session):
    """delete_attribute: a Name, which is shown once more in the answer"""
    uid = session.aes(name='gone')
    found_uid, found = session.client.delete_attribute(uid, attribute_name='Name', attribute_index=0)
    equal(found_uid, uid)
    equal((found.attribute_name.value, found.attribute_index.value), ('Name', 0))
    equal(found.attribute_value.name_value.value, 'gone')
    equal(session.attributes(uid, 'Name'), [])


@case(until=14)
def delete_without_index(session):
    """delete_attribute: a Name without index; a second time there is none"""
    uid = session.aes(name='gone')
    session.client.delete_attribute(uid, attribute_name='Name')
    refused(Reason.ITEM_NOT_FOUND, session.client.delete_attribute, uid, attribute_name='Name')
    refused(Reason.PERMISSION_DENIED, session.client.delete_attribute, uid, attribute_name='State')


@case(since=20)
def delete_current(session):
    """delete_attribute: a Name by its value; a second time there is none"""
    uid = session.aes(name='gone')
    current = core.CurrentAttribute(attribute=tagged('Name', 'gone'))
    found_uid, _ = session.client.delete_attribute(uid, current_attribute=current)
    equal(found_uid, uid)
    equal(session.attributes(uid, 'Name'), [])
    refused(Reason.ATTRIBUTE_NOT_FOUND, session.client.delete_attribute, uid, current_attribute=current)


@case(since=20)
def delete_by_reference(session):
    """delete_attribute: a custom attribute, made in 1.4 over the same connection, by reference"""
    session.client.kmip_version = enums.KMIPVersion.KMIP_1_4
    given = template(
        attribute(Type.CRYPTOGRAPHIC_ALGORITHM, enums.CryptographicAlgorithm.AES),
        attribute(Type.CRYPTOGRAPHIC_LENGTH, 256),
        attribute(Type.CRYPTOGRAPHIC_USAGE_MASK, ENCRYPTION),
        attribute('x-kind', 'custom'),
    )
    uid = succeeded(session.proxy.create(enums.ObjectType.SYMMETRIC_KEY, given)).uuid
    session.client.kmip_version = enums.KMIPVersion.KMIP_2_0
    reference = core.AttributeReference(vendor_identification='x', attribute_name='kind')
    equal(session.client.delete_attribute(uid, attribute_reference=reference), (uid, None))
    refused(Reason.ATTRIBUTE_NOT_FOUND, session.client.delete_attribute, uid, attribute_reference=reference)
