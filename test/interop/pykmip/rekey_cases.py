"""Re-key and Re-key Key Pair."""

import time

from kmip.core import enums
from kmip.core.attributes import PrivateKeyUniqueIdentifier
from kmip.core.objects import CommonTemplateAttribute, PublicKeyTemplateAttribute

from suite import ENCRYPTION, Mask, State, Type, attribute, case, equal, fresh_name, succeeded, template


@case()
def rekey(session):
    """rekey: a new key takes the name; the old one keeps its material and its state"""
    name = fresh_name()
    old = session.aes(name=name, active=True)
    value = session.client.get(old).value
    new = session.client.rekey(old)
    assert new != old
    equal(session.client.get(old).value, value)
    replacement = session.client.get(new)
    equal((len(replacement.value), replacement.cryptographic_length), (32, 256))
    assert replacement.value != value
    equal((session.attributes(old, 'Name'), session.attributes(new, 'Name')), ([], [name]))
    equal((session.state(old), session.state(new)), (State.ACTIVE, State.ACTIVE))
    equal(session.client.locate(attributes=[attribute(Type.NAME, name)]), [new])


@case(until=14)
def rekey_copies(session):
    """rekey: operation policy, object group, custom attributes and mask go over to the new key"""
    given = template(
        attribute(Type.CRYPTOGRAPHIC_ALGORITHM, enums.CryptographicAlgorithm.AES),
        attribute(Type.CRYPTOGRAPHIC_LENGTH, 192),
        attribute(Type.CRYPTOGRAPHIC_USAGE_MASK, ENCRYPTION),
        attribute(Type.OPERATION_POLICY_NAME, 'some policy'),
        attribute(Type.OBJECT_GROUP, 'a group'),
        attribute('x-Product', 'a product'),
    )
    new = session.client.rekey(succeeded(session.proxy.create(enums.ObjectType.SYMMETRIC_KEY, given)).uuid)
    for name, value in (
        ('Operation Policy Name', 'some policy'),
        ('Object Group', 'a group'),
        ('x-Product', 'a product'),
        ('Cryptographic Length', 192),
        ('Cryptographic Usage Mask', Mask.ENCRYPT.value | Mask.DECRYPT.value),
    ):
        equal(session.attribute(new, name), value)


@case()
def rekey_offset_zero(session):
    """rekey: Offset 0 and an empty template"""
    new = session.client.rekey(session.aes(), offset=0)
    equal(session.state(new), State.PRE_ACTIVE)
    new = session.client.rekey(session.aes(active=True), offset=0)
    equal(session.state(new), State.ACTIVE)


@case()
def rekey_offset(session):
    """rekey: by Offset the new key becomes active later"""
    new = session.client.rekey(session.aes(active=True), offset=3600)
    equal(session.state(new), State.PRE_ACTIVE)
    wait = session.attribute(new, 'Activation Date') - time.time()
    assert 3500 < wait <= 3600, wait


@case()
def rekey_dates(session):
    """rekey: with dates of its own"""
    now = int(time.time())
    dates = {
        'activation_date': now - 10,
        'process_start_date': now - 5,
        'protect_stop_date': now + 1000,
        'deactivation_date': now + 2000,
    }
    new = session.client.rekey(session.aes(), **dates)
    for name, value in dates.items():
        equal(session.attribute(new, name.replace('_', ' ').title()), value)
    equal(session.state(new), State.ACTIVE)


def key_pair(session, **more):
    return session.client.create_key_pair(
        enums.CryptographicAlgorithm.RSA,
        2048,
        public_usage_mask=[Mask.VERIFY],
        private_usage_mask=[Mask.SIGN],
        **more,
    )


@case(since=11)
def rekey_key_pair(session):
    """KMIPProxy.rekey_key_pair: both keys are replaced, and their names go over"""
    name = fresh_name('private')
    public, private = key_pair(session, private_name=name)
    result = succeeded(session.proxy.rekey_key_pair(private_key_uuid=PrivateKeyUniqueIdentifier(private)))
    new_public, new_private = result.public_key_uuid, result.private_key_uuid
    equal(len({public, private, new_public, new_private}), 4)
    assert session.client.get(private).value != session.client.get(new_private).value
    assert session.client.get(public).value != session.client.get(new_public).value
    equal((session.attributes(private, 'Name'), session.attributes(new_private, 'Name')), ([], [name]))
    equal(session.attribute(new_public, 'Cryptographic Usage Mask'), Mask.VERIFY.value)


@case(since=11)
def rekey_key_pair_with_attributes(session):
    """KMIPProxy.rekey_key_pair: with attributes for both keys, and for each"""
    _, private = key_pair(session)
    group, public_name = fresh_name('group'), fresh_name('public')
    result = succeeded(
        session.proxy.rekey_key_pair(
            private_key_uuid=PrivateKeyUniqueIdentifier(private),
            common_template_attribute=CommonTemplateAttribute(attributes=[attribute(Type.OBJECT_GROUP, group)]),
            public_key_template_attribute=PublicKeyTemplateAttribute(attributes=[attribute(Type.NAME, public_name)]),
        )
    )
    for uid in (result.private_key_uuid, result.public_key_uuid):
        equal(session.attributes(uid, 'Object Group'), [group])
    equal(session.attributes(result.public_key_uuid, 'Name'), [public_name])
    equal(session.attributes(result.private_key_uuid, 'Name'), [])
