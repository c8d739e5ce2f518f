"""Create, Create Key Pair, Activate, Revoke, Destroy, Check."""

from kmip.core import enums

from suite import ENCRYPTION, Mask, Reason, State, case, equal, fresh_name, refused

AES = enums.CryptographicAlgorithm.AES


@case()
def create(session):
    """create: AES keys of every length come back Raw, with algorithm and length"""
    for length in (128, 192, 256):
        key = session.client.get(session.aes(length))
        equal(key.cryptographic_algorithm, AES)
        equal(key.cryptographic_length, length)
        equal(key.key_format_type, enums.KeyFormatType.RAW)
        equal(len(key.value), length // 8)


@case()
def create_with_everything(session):
    """create: name, usage mask and (1.x) operation policy are kept"""
    name = fresh_name()
    policy = {'operation_policy_name': 'default'} if session.version < 20 else {}
    uid = session.client.create(AES, 256, name=name, cryptographic_usage_mask=[Mask.MAC_GENERATE], **policy)
    equal(session.attributes(uid, 'Name'), [name])
    equal(
        session.attribute(uid, 'Cryptographic Usage Mask'),
        Mask.ENCRYPT.value | Mask.DECRYPT.value | Mask.MAC_GENERATE.value,
    )
    if session.version < 20:
        equal(session.attribute(uid, 'Operation Policy Name'), 'default')


@case(until=14)
def create_default_policy(session):
    """create: a new object has the Operation Policy Name default though none was given"""
    equal(session.attribute(session.aes(), 'Operation Policy Name'), 'default')


@case()
def create_other_algorithms(session):
    """create: Triple DES and HMAC keys, as Barbican makes them"""
    algorithms = enums.CryptographicAlgorithm
    for algorithm, length, size in (
        # PyKMIP counts the parity bits of DES, as Barbican does.
        (algorithms.TRIPLE_DES, 192, 24),
        (algorithms.HMAC_SHA1, 160, 20),
        (algorithms.HMAC_SHA256, 256, 32),
        (algorithms.HMAC_SHA512, 512, 64),
    ):
        key = session.client.get(session.client.create(algorithm, length))
        equal(key.cryptographic_algorithm, algorithm)
        equal(len(key.value), size)


@case()
def create_impossible(session):
    """create: an AES key of 100 bits is refused in words, and the connection lives on"""
    reason = Reason.INVALID_FIELD if session.version < 20 else Reason.INVALID_ATTRIBUTE_VALUE
    refused(reason, session.client.create, AES, 100)
    assert session.aes()


@case()
def create_key_pair(session):
    """create_key_pair: RSA 2048 with names and masks; the halves are linked in what they encrypt"""
    names = (fresh_name('public'), fresh_name('private'))
    public, private = session.client.create_key_pair(
        enums.CryptographicAlgorithm.RSA,
        2048,
        public_name=names[0],
        public_usage_mask=[Mask.VERIFY],
        private_name=names[1],
        private_usage_mask=[Mask.SIGN],
    )
    equal((session.attribute(public, 'Name'), session.attribute(private, 'Name')), names)
    equal(session.attribute(public, 'Cryptographic Usage Mask'), Mask.VERIFY.value)
    equal(session.attribute(private, 'Cryptographic Usage Mask'), Mask.SIGN.value)
    equal(session.attribute(public, 'Object Type'), enums.ObjectType.PUBLIC_KEY)
    equal(session.attribute(private, 'Object Type'), enums.ObjectType.PRIVATE_KEY)
    for uid in (public, private):
        equal(session.attribute(uid, 'Cryptographic Length'), 2048)
        equal(session.state(uid), State.PRE_ACTIVE)


@case()
def create_key_pair_without_masks(session):
    """create_key_pair: no masks and no names, as Barbican asks"""
    public, private = session.client.create_key_pair(enums.CryptographicAlgorithm.RSA, 2048)
    equal(session.attributes(public, 'Name'), [])
    equal(session.client.get(private).key_format_type, enums.KeyFormatType.PKCS_1)


@case()
def life(session):
    """activate, revoke, destroy: the states of a key that is deactivated"""
    uid = session.aes()
    equal(session.state(uid), State.PRE_ACTIVE)
    session.client.activate(uid)
    equal(session.state(uid), State.ACTIVE)
    assert session.attribute(uid, 'Activation Date')
    session.client.revoke(enums.RevocationReasonCode.CESSATION_OF_OPERATION, uid, 'rotated')
    equal(session.state(uid), State.DEACTIVATED)
    assert session.attribute(uid, 'Deactivation Date')
    equal(len(session.client.get(uid).value), 32)
    session.client.destroy(uid)
    refused(session.gone(), session.client.get, uid)
    equal(session.state(uid), State.DESTROYED)


@case()
def compromise(session):
    """revoke: a compromise, with its date, makes a Pre-Active key Compromised, and Destroyed Compromised in the end"""
    uid = session.aes()
    session.client.revoke(enums.RevocationReasonCode.KEY_COMPROMISE, uid, 'lost', compromise_occurrence_date=1577836800)
    equal(session.state(uid), State.COMPROMISED)
    equal(session.attribute(uid, 'Compromise Occurrence Date'), 1577836800)
    session.client.destroy(uid)
    equal(session.state(uid), State.DESTROYED_COMPROMISED)


@case()
def every_reason(session):
    """revoke: every reason code is taken"""
    for reason in enums.RevocationReasonCode:
        uid = session.aes(active=True)
        session.client.revoke(reason, uid)
        compromised = reason.name in ('KEY_COMPROMISE', 'CA_COMPROMISE')
        equal(session.state(uid), State.COMPROMISED if compromised else State.DEACTIVATED)


@case()
def destroy_pre_active(session):
    """destroy: a key that was never activated goes without revocation"""
    uid = session.aes()
    session.client.destroy(uid)
    refused(session.gone(), session.client.get, uid)


@case()
def destroy_active(session):
    """destroy, activate: not in the wrong state"""
    uid = session.aes(active=True)
    refused(Reason.PERMISSION_DENIED, session.client.destroy, uid)
    refused(Reason.PERMISSION_DENIED, session.client.activate, uid)
    equal(session.state(uid), State.ACTIVE)


@case()
def unknown(session):
    """get, get_attributes, activate, revoke, destroy, rekey: an unknown identifier is not found"""
    client = session.client
    calls = (
        lambda: client.get('nobody'),
        lambda: client.get_attributes('nobody', ['State']),
        lambda: client.get_attribute_list('nobody'),
        lambda: client.activate('nobody'),
        lambda: client.revoke(enums.RevocationReasonCode.UNSPECIFIED, 'nobody'),
        lambda: client.destroy('nobody'),
        lambda: client.rekey('nobody'),
    )
    for call in calls:
        refused(session.not_found(), call)


@case()
def check(session):
    """check: what a key may do"""
    uid = session.client.create(AES, 256)
    # PyKMIP cannot do without a list of masks, and not read the answer where the check fails.
    equal(session.client.check(uid, cryptographic_usage_mask=[]), uid)
    equal(session.client.check(uid, cryptographic_usage_mask=ENCRYPTION), uid)
    equal(session.client.check(uid, 10, ENCRYPTION, 60), uid)
