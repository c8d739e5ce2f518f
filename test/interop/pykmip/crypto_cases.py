"""Encrypt, Decrypt, Sign, Signature Verify, MAC; checked with Python's own cryptography."""

from cryptography.hazmat.primitives import hashes, hmac, padding, serialization
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from kmip.core import enums
from kmip.pie import objects

from suite import ENCRYPTION, Mask, Reason, State, case, equal, refused

AES = enums.CryptographicAlgorithm.AES
RSA = enums.CryptographicAlgorithm.RSA
Padding = enums.PaddingMethod
KEY = bytes(range(32))
IV = bytes(range(16))
MESSAGE = b'a message of more than one block'

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE = RSA_KEY.private_bytes(
    serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
PUBLIC = RSA_KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def active(session, managed_object):
    uid = session.client.register(managed_object)
    session.client.activate(uid)
    return uid


def aes_key(session, masks=ENCRYPTION):
    return active(session, objects.SymmetricKey(AES, 256, KEY, masks=masks))


def rsa_keys(session, private, public):
    return (
        active(session, objects.PrivateKey(RSA, 2048, PRIVATE, enums.KeyFormatType.PKCS_8, masks=[private])),
        active(session, objects.PublicKey(RSA, 2048, PUBLIC, enums.KeyFormatType.X_509, masks=[public])),
    )


def padded(data):
    padder = padding.PKCS7(128).padder()
    return padder.update(data) + padder.finalize()


def expected(mode, data):
    encryptor = Cipher(algorithms.AES(KEY), mode).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def parameters(mode, padding_method=None, **more):
    given = {'cryptographic_algorithm': AES, 'block_cipher_mode': mode, **more}
    return given if padding_method is None else {**given, 'padding_method': padding_method}


def round_trip(session, uid, given, iv, cipher_text):
    data, found_iv = session.client.encrypt(MESSAGE, uid, given, iv)
    equal(data, cipher_text)
    # PyKMIP's own server returns no IV where one was given.
    equal(found_iv, None)
    equal(session.client.decrypt(data, uid, given, iv), MESSAGE)


@case(since=12)
def encrypt_cbc(session):
    """encrypt, decrypt: AES-CBC with PKCS5 padding and the client's IV"""
    given = parameters(enums.BlockCipherMode.CBC, Padding.PKCS5)
    round_trip(session, aes_key(session), given, IV, expected(modes.CBC(IV), padded(MESSAGE)))


@case(since=12)
def encrypt_ecb(session):
    """encrypt, decrypt: AES-ECB with PKCS5 padding"""
    given = parameters(enums.BlockCipherMode.ECB, Padding.PKCS5)
    round_trip(session, aes_key(session), given, None, expected(modes.ECB(), padded(MESSAGE)))


@case(since=12)
def encrypt_ctr(session):
    """encrypt, decrypt: AES-CTR"""
    round_trip(
        session, aes_key(session), parameters(enums.BlockCipherMode.CTR), IV, expected(modes.CTR(IV), MESSAGE)
    )


@case(since=12)
def encrypt_own_iv(session):
    """encrypt: without an IV the server makes one and returns it, as EDB expects"""
    uid = aes_key(session)
    given = parameters(enums.BlockCipherMode.CBC, Padding.PKCS5)
    for more in ({}, {'random_iv': True}):
        data, iv = session.client.encrypt(MESSAGE, uid, {**given, **more})
        equal(data, expected(modes.CBC(iv), padded(MESSAGE)))
        equal(session.client.decrypt(data, uid, given, iv), MESSAGE)


@case(since=12, until=13)
def encrypt_gcm(session):
    """encrypt, decrypt: AES-GCM, whose tag ends the data"""
    uid = aes_key(session)
    given = parameters(enums.BlockCipherMode.GCM, tag_length=16)
    encryptor = Cipher(algorithms.AES(KEY), modes.GCM(IV[:12])).encryptor()
    cipher_text = encryptor.update(MESSAGE) + encryptor.finalize() + encryptor.tag
    data, _ = session.client.encrypt(MESSAGE, uid, given, IV[:12])
    equal(data, cipher_text)
    equal(session.client.decrypt(data, uid, given, IV[:12]), MESSAGE)
    wrong = data[:-1] + bytes([data[-1] ^ 1])
    refused(Reason.CRYPTOGRAPHIC_FAILURE, session.client.decrypt, wrong, uid, given, IV[:12])


@case(since=12)
def encrypt_rsa(session):
    """encrypt, decrypt: RSA with OAEP and with PKCS#1 v1.5"""
    private, public = rsa_keys(session, Mask.DECRYPT, Mask.ENCRYPT)
    oaep = rsa_padding.OAEP(rsa_padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    for given, scheme in (
        ({'padding_method': Padding.OAEP, 'hashing_algorithm': enums.HashingAlgorithm.SHA_256}, oaep),
        ({'padding_method': Padding.PKCS1v15}, rsa_padding.PKCS1v15()),
    ):
        given = {'cryptographic_algorithm': RSA, **given}
        data, _ = session.client.encrypt(MESSAGE, public, given)
        equal(RSA_KEY.decrypt(data, scheme), MESSAGE)
        equal(session.client.decrypt(RSA_KEY.public_key().encrypt(MESSAGE, scheme), private, given), MESSAGE)


@case(since=12)
def encrypt_refused(session):
    """encrypt, decrypt: not with a key that is not active, may not, or for data that is none"""
    given = parameters(enums.BlockCipherMode.CBC, Padding.PKCS5)
    waiting = session.client.register(objects.SymmetricKey(AES, 256, KEY, masks=ENCRYPTION))
    refused(Reason.PERMISSION_DENIED, session.client.encrypt, MESSAGE, waiting, given, IV)
    unfit = aes_key(session, masks=[Mask.WRAP_KEY])
    refused(session.wrong_usage(), session.client.encrypt, MESSAGE, unfit, given, IV)
    uid = aes_key(session)
    refused(Reason.CRYPTOGRAPHIC_FAILURE, session.client.decrypt, bytes(15), uid, given, IV)


@case(since=12)
def encrypt_deactivated(session):
    """decrypt: a deactivated key still opens what it has closed, but closes nothing"""
    uid = aes_key(session)
    given = parameters(enums.BlockCipherMode.CBC, Padding.PKCS5)
    data, _ = session.client.encrypt(MESSAGE, uid, given, IV)
    session.client.revoke(enums.RevocationReasonCode.CESSATION_OF_OPERATION, uid)
    refused(Reason.PERMISSION_DENIED, session.client.encrypt, MESSAGE, uid, given, IV)
    equal(session.client.decrypt(data, uid, given, IV), MESSAGE)


SCHEMES = {
    Padding.PKCS1v15: rsa_padding.PKCS1v15(),
    Padding.PSS: rsa_padding.PSS(rsa_padding.MGF1(hashes.SHA256()), rsa_padding.PSS.MAX_LENGTH),
}


def signing(padding_method):
    return {
        'cryptographic_algorithm': RSA,
        'hashing_algorithm': enums.HashingAlgorithm.SHA_256,
        'padding_method': padding_method,
    }


@case(since=12)
def sign(session):
    """sign: RSA with PKCS#1 v1.5 and PSS"""
    private, _ = rsa_keys(session, Mask.SIGN, Mask.VERIFY)
    for method in SCHEMES:
        signature = session.client.sign(MESSAGE, private, signing(method))
        length = rsa_padding.PSS(rsa_padding.MGF1(hashes.SHA256()), rsa_padding.PSS.AUTO)
        scheme = length if method is Padding.PSS else SCHEMES[method]
        RSA_KEY.public_key().verify(signature, MESSAGE, scheme, hashes.SHA256())


@case(since=12)
def sign_by_digital_signature_algorithm(session):
    """sign, signature_verify: by Digital Signature Algorithm, as PyKMIP's users name it"""
    private, public = rsa_keys(session, Mask.SIGN, Mask.VERIFY)
    given = {'digital_signature_algorithm': enums.DigitalSignatureAlgorithm.SHA256_WITH_RSA_ENCRYPTION}
    signature = session.client.sign(MESSAGE, private, given)
    RSA_KEY.public_key().verify(signature, MESSAGE, rsa_padding.PKCS1v15(), hashes.SHA256())
    equal(session.client.signature_verify(MESSAGE, signature, public, given), enums.ValidityIndicator.VALID)


@case(since=12)
def signature_verify(session):
    """signature_verify: valid ones, and invalid ones without an error"""
    _, public = rsa_keys(session, Mask.SIGN, Mask.VERIFY)
    for method, scheme in SCHEMES.items():
        signature = RSA_KEY.sign(MESSAGE, scheme, hashes.SHA256())
        verify = lambda message, one: session.client.signature_verify(message, one, public, signing(method))
        equal(verify(MESSAGE, signature), enums.ValidityIndicator.VALID)
        equal(verify(b'another message', signature), enums.ValidityIndicator.INVALID)
        equal(verify(MESSAGE, bytes(256)), enums.ValidityIndicator.INVALID)


@case(since=12)
def mac(session):
    """mac: HMAC with the algorithm of the request"""
    uid = active(session, objects.SymmetricKey(AES, 256, KEY, masks=[Mask.MAC_GENERATE]))
    for algorithm, digest in (
        (enums.CryptographicAlgorithm.HMAC_SHA256, hashes.SHA256()),
        (enums.CryptographicAlgorithm.HMAC_SHA512, hashes.SHA512()),
    ):
        found_uid, found = session.client.mac(MESSAGE, uid, algorithm)
        known = hmac.HMAC(KEY, digest)
        known.update(MESSAGE)
        equal((found_uid, found), (uid, known.finalize()))


@case(since=12)
def mac_refused(session):
    """mac: not with a key whose mask does not allow it"""
    algorithm = enums.CryptographicAlgorithm.HMAC_SHA256
    refused(session.wrong_usage(), session.client.mac, MESSAGE, aes_key(session), algorithm)


@case(since=12)
def mac_large(session):
    """mac, encrypt: 64 KiB"""
    data = bytes(65536)
    uid = active(session, objects.SymmetricKey(AES, 256, KEY, masks=[*ENCRYPTION, Mask.MAC_GENERATE]))
    known = hmac.HMAC(KEY, hashes.SHA256())
    known.update(data)
    equal(session.client.mac(data, uid, enums.CryptographicAlgorithm.HMAC_SHA256)[1], known.finalize())
    given = parameters(enums.BlockCipherMode.CTR)
    equal(session.client.encrypt(data, uid, given, IV)[0], expected(modes.CTR(IV), data))


@case(until=11)
def too_early(session):
    """encrypt, sign, mac: operations of 1.2 are not supported before, in words, and the connection lives on"""
    uid = session.aes(active=True)
    refused(Reason.OPERATION_NOT_SUPPORTED, session.client.encrypt, MESSAGE, uid, parameters(enums.BlockCipherMode.ECB))
    refused(Reason.OPERATION_NOT_SUPPORTED, session.client.sign, MESSAGE, uid, signing(Padding.PSS))
    refused(Reason.OPERATION_NOT_SUPPORTED, session.client.mac, MESSAGE, uid, enums.CryptographicAlgorithm.HMAC_SHA256)
    equal(session.state(uid), State.ACTIVE)
