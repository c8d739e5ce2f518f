"""Register and Get of every type of object that PyKMIP knows, in its formats, plain and wrapped."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap
from kmip.core import enums
from kmip.core import objects as core
from kmip.core import primitives, secrets
from kmip.pie import objects

from suite import (
    ENCRYPTION,
    Mask,
    Reason,
    State,
    Type,
    attribute,
    case,
    equal,
    fresh_name,
    refused,
    succeeded,
    template,
)

RSA = enums.CryptographicAlgorithm.RSA
AES = enums.CryptographicAlgorithm.AES
Format = enums.KeyFormatType

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_der(format):
    return RSA_KEY.private_bytes(serialization.Encoding.DER, format, serialization.NoEncryption())


def public_der(format):
    return RSA_KEY.public_key().public_bytes(serialization.Encoding.DER, format)


PKCS_1 = private_der(serialization.PrivateFormat.TraditionalOpenSSL)
PKCS_8 = private_der(serialization.PrivateFormat.PKCS8)
PUBLIC_PKCS_1 = public_der(serialization.PublicFormat.PKCS1)
X_509 = public_der(serialization.PublicFormat.SubjectPublicKeyInfo)


def certificate_der():
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'an endpoint')])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(RSA_KEY.public_key())
    builder = builder.serial_number(4711).not_valid_before(datetime.datetime(2024, 1, 1))
    builder = builder.not_valid_after(datetime.datetime(2034, 1, 1))
    return builder.sign(RSA_KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@case()
def register_symmetric(session):
    """register, get: a symmetric key with its names and mask"""
    value = bytes(range(32))
    names = [fresh_name(), fresh_name()]
    key = objects.SymmetricKey(AES, 256, value, masks=ENCRYPTION, name=names[0])
    key.names.append(names[1])
    uid = session.client.register(key)
    found = session.client.get(uid)
    equal((found.value, found.cryptographic_algorithm, found.cryptographic_length), (value, AES, 256))
    equal(found.key_format_type, Format.RAW)
    equal(session.attributes(uid, 'Name'), names)
    equal(session.attribute(uid, 'Cryptographic Usage Mask'), Mask.ENCRYPT.value | Mask.DECRYPT.value)
    equal(session.state(uid), State.PRE_ACTIVE)


@case()
def register_odd_symmetric(session):
    """register, get: symmetric keys that cannot be used here are kept all the same"""
    algorithms = enums.CryptographicAlgorithm
    for algorithm, length in (
        (AES, 160),
        (AES, 512),
        (algorithms.IDEA, 128),
        (algorithms.BLOWFISH, 128),
        (algorithms.TRIPLE_DES, 192),
    ):
        value = bytes(length // 8)
        uid = session.client.register(objects.SymmetricKey(algorithm, length, value, masks=[]))
        found = session.client.get(uid)
        equal((found.cryptographic_algorithm, found.cryptographic_length, found.value), (algorithm, length, value))


@case()
def register_private(session):
    """register, get: an RSA private key as PKCS#1 and as PKCS#8"""
    for format, value in ((Format.PKCS_1, PKCS_1), (Format.PKCS_8, PKCS_8)):
        uid = session.client.register(objects.PrivateKey(RSA, 2048, value, format, masks=[Mask.SIGN]))
        found = session.client.get(uid)
        equal((found.key_format_type, found.value), (format, value))
        equal((found.cryptographic_algorithm, found.cryptographic_length), (RSA, 2048))


@case()
def register_public(session):
    """register, get: an RSA public key as PKCS#1 and as X.509"""
    for format, value in ((Format.PKCS_1, PUBLIC_PKCS_1), (Format.X_509, X_509)):
        uid = session.client.register(objects.PublicKey(RSA, 2048, value, format, masks=[Mask.VERIFY]))
        found = session.client.get(uid)
        equal((found.key_format_type, found.value), (format, value))


@case()
def register_without_mask(session):
    """register: RSA keys with an empty usage mask, as Barbican sends them"""
    uid = session.client.register(objects.PrivateKey(RSA, 2048, PKCS_8, Format.PKCS_8, masks=[]))
    assert session.attribute(uid, 'Cryptographic Usage Mask') in (None, 0)


@case()
def register_secret(session):
    """register, get: a password and a seed"""
    for data_type, value in ((enums.SecretDataType.PASSWORD, b'correct horse'), (enums.SecretDataType.SEED, bytes(96))):
        uid = session.client.register(objects.SecretData(value, data_type, masks=[Mask.VERIFY]))
        found = session.client.get(uid)
        equal((found.data_type, found.value), (data_type, value))


@case()
def register_opaque(session):
    """register, get: an opaque object"""
    uid = session.client.register(objects.OpaqueObject(b'\x00\x01 anything', enums.OpaqueDataType.NONE))
    found = session.client.get(uid)
    equal((found.opaque_type, found.value), (enums.OpaqueDataType.NONE, b'\x00\x01 anything'))


@case()
def register_certificate(session):
    """register, get: an X.509 certificate"""
    value = certificate_der()
    uid = session.client.register(objects.X509Certificate(value, masks=[Mask.VERIFY]))
    found = session.client.get(uid)
    equal((found.certificate_type, found.value), (enums.CertificateType.X_509, value))
    equal(session.attribute(uid, 'Object Type'), enums.ObjectType.CERTIFICATE)


@case()
def register_not_a_key(session):
    """register: what is no key is refused, not kept"""
    key = objects.PrivateKey(RSA, 2048, b'not a key', Format.PKCS_8, masks=[Mask.SIGN])
    reason = Reason.INVALID_FIELD
    refused(reason, session.client.register, key)


@case()
def get_formats(session):
    """KMIPProxy.get: the formats of an RSA key pair are turned into each other"""
    private = session.client.register(objects.PrivateKey(RSA, 2048, PKCS_1, Format.PKCS_1, masks=[Mask.SIGN]))
    public = session.client.register(objects.PublicKey(RSA, 2048, X_509, Format.X_509, masks=[Mask.VERIFY]))
    for uid, format, expected in (
        (private, Format.PKCS_1, PKCS_1),
        (private, Format.PKCS_8, PKCS_8),
        (public, Format.PKCS_1, PUBLIC_PKCS_1),
        (public, Format.X_509, X_509),
    ):
        result = succeeded(session.proxy.get(uid, key_format_type=core.KeyFormatType(format)))
        block = result.secret.key_block
        equal((block.key_format_type.value, block.key_value.key_material.value), (format, expected))
        equal(result.uuid, uid)


@case()
def get_wrong_format(session):
    """KMIPProxy.get: a format that the key cannot have is refused"""
    result = session.proxy.get(session.aes(), key_format_type=core.KeyFormatType(Format.X_509))
    equal(result.result_status.value, enums.ResultStatus.OPERATION_FAILED)
    equal(result.result_reason.value, Reason.KEY_FORMAT_TYPE_NOT_SUPPORTED)
    assert result.result_message.value


read_structure = core.KeyValue.read


def read_key_value(self, stream, kmip_version=enums.KMIPVersion.KMIP_1_0):
    """PyKMIP takes a wrapped Key Value for a structure; in the standard it is a Byte String (KMIP 1.4, 2.1.4)."""
    if self.is_type_next(enums.Types.BYTE_STRING, stream):
        wrapped = primitives.ByteString(tag=enums.Tags.KEY_VALUE)
        wrapped.read(stream, kmip_version=kmip_version)
        self.key_material = core.KeyMaterial(wrapped.value)
    else:
        read_structure(self, stream, kmip_version=kmip_version)


core.KeyValue.read = read_key_value


def wrapping_key(session, value):
    uid = session.client.register(objects.SymmetricKey(AES, 128, value, masks=[Mask.WRAP_KEY, Mask.UNWRAP_KEY]))
    session.client.activate(uid)
    return uid


def wrapping(uid, **more):
    return {
        'wrapping_method': enums.WrappingMethod.ENCRYPT,
        'encryption_key_information': {
            'unique_identifier': uid,
            'cryptographic_parameters': {'block_cipher_mode': enums.BlockCipherMode.NIST_KEY_WRAP},
        },
        'encoding_option': enums.EncodingOption.NO_ENCODING,
        **more,
    }


@case()
def get_wrapped(session):
    """get: wrapped by AES Key Wrap, as the vector of RFC 3394, 4.1 has it"""
    wrapper = wrapping_key(session, bytes.fromhex('000102030405060708090A0B0C0D0E0F'))
    value = bytes.fromhex('00112233445566778899AABBCCDDEEFF')
    uid = session.client.register(objects.SymmetricKey(AES, 128, value, masks=ENCRYPTION))
    found = session.client.get(uid, wrapping(wrapper))
    equal(found.value.hex().upper(), '1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5')
    equal(found.key_wrapping_data['wrapping_method'], enums.WrappingMethod.ENCRYPT)
    equal(found.key_wrapping_data['encryption_key_information']['unique_identifier'], wrapper)


@case()
def get_wrapped_impossible(session):
    """get: wrapping by a key that is not there, or may not wrap, is refused"""
    uid = session.aes()
    reason = Reason.ITEM_NOT_FOUND if session.version < 20 else Reason.WRAPPING_OBJECT_NOT_FOUND
    refused(reason, session.client.get, uid, wrapping('nobody'))
    refused(session.wrong_usage(), session.client.get, uid, wrapping(session.aes(active=True)))


def wrapped_key(value, wrapper):
    return objects.SymmetricKey(AES, 128, value, masks=ENCRYPTION, key_wrapping_data=wrapping(wrapper))


@case()
def register_wrapped(session):
    """register, get: a wrapped key is opened where the server has the wrapping key"""
    secret = bytes.fromhex('00112233445566778899AABBCCDDEEFF')
    wrapper = wrapping_key(session, bytes.fromhex('000102030405060708090A0B0C0D0E0F'))
    wrapped = bytes.fromhex('1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5')
    found = session.client.get(session.client.register(wrapped_key(wrapped, wrapper)))
    equal(found.value, secret)
    equal(aes_key_unwrap(bytes(range(16)), wrapped), secret)


@case()
def register_wrapped_by_stranger(session):
    """register, get: a key wrapped by one that the server does not have comes back as it came"""
    wrapped = bytes.fromhex('1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5')
    found = session.client.get(session.client.register(wrapped_key(wrapped, 'a key elsewhere')))
    equal(found.value, wrapped)
    equal(found.key_wrapping_data['encryption_key_information']['unique_identifier'], 'a key elsewhere')


@case(until=14)
def register_by_proxy(session):
    """KMIPProxy.register: attributes that ProxyKmipClient does not send"""
    secret = secrets.SymmetricKey(
        core.KeyBlock(
            key_format_type=core.KeyFormatType(Format.RAW),
            key_value=core.KeyValue(key_material=core.KeyMaterial(bytes(16))),
            cryptographic_algorithm=None,
            cryptographic_length=None,
        )
    )
    given = template(
        attribute(Type.CRYPTOGRAPHIC_ALGORITHM, AES),
        attribute(Type.CRYPTOGRAPHIC_LENGTH, 128),
        attribute(Type.CRYPTOGRAPHIC_USAGE_MASK, ENCRYPTION),
        attribute(Type.OBJECT_GROUP, 'a group'),
        attribute('x-kind', 'a custom attribute'),
    )
    result = succeeded(session.proxy.register(enums.ObjectType.SYMMETRIC_KEY, given, secret))
    equal(session.attributes(result.uuid, 'Object Group'), ['a group'])
    equal(session.attributes(result.uuid, 'x-kind'), ['a custom attribute'])
    found = session.client.get(result.uuid)
    equal((found.cryptographic_algorithm, found.cryptographic_length), (AES, 128))
