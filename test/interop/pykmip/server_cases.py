"""Query, Discover Versions, and the connection itself."""

from kmip.core import enums
from kmip.core.messages.contents import ProtocolVersion

from suite import VERSIONS, case, equal, succeeded

Function = enums.QueryFunction
Operation = enums.Operation


@case()
def query_operations(session):
    """KMIPProxy.query: the operations, those of the version only, Modify Attribute among them"""
    found = succeeded(session.proxy.query(query_functions=[Function.QUERY_OPERATIONS])).operations
    always = (
        'CREATE CREATE_KEY_PAIR REGISTER REKEY LOCATE CHECK GET GET_ATTRIBUTES GET_ATTRIBUTE_LIST ADD_ATTRIBUTE '
        'MODIFY_ATTRIBUTE DELETE_ATTRIBUTE ACTIVATE REVOKE DESTROY QUERY'
    )
    since = {11: 'REKEY_KEY_PAIR DISCOVER_VERSIONS', 12: 'ENCRYPT DECRYPT SIGN SIGNATURE_VERIFY MAC MAC_VERIFY'}
    since = {10: always, **since, 14: 'IMPORT EXPORT', 20: 'SET_ATTRIBUTE'}
    for version, names in since.items():
        for name in names.split():
            equal(Operation[name] in found, session.version >= version)


@case()
def query_objects(session):
    """KMIPProxy.query: the object types"""
    found = succeeded(session.proxy.query(query_functions=[Function.QUERY_OBJECTS])).object_types
    for name in 'CERTIFICATE SYMMETRIC_KEY PUBLIC_KEY PRIVATE_KEY SECRET_DATA OPAQUE_DATA'.split():
        assert enums.ObjectType[name] in found, name


@case()
def query_everything(session):
    """KMIPProxy.query: every function of 1.0 and 1.1 at once"""
    functions = [
        Function.QUERY_OPERATIONS,
        Function.QUERY_OBJECTS,
        Function.QUERY_SERVER_INFORMATION,
        Function.QUERY_APPLICATION_NAMESPACES,
        Function.QUERY_EXTENSION_LIST,
        Function.QUERY_EXTENSION_MAP,
    ]
    result = succeeded(session.proxy.query(query_functions=functions))
    assert result.operations and result.object_types
    equal(result.vendor_identification, 'Kleis')


@case()
def discover_versions(session):
    """KMIPProxy.discover_versions: all of them, the newest first"""
    found = succeeded(session.proxy.discover_versions()).protocol_versions
    equal([(one.major, one.minor) for one in found], [(2, 1), (2, 0), (1, 4), (1, 3), (1, 2), (1, 1), (1, 0)])


@case()
def discover_some_versions(session):
    """KMIPProxy.discover_versions: what both speak, the newest first; nothing where that is nothing"""
    discover = lambda *wanted: [
        (one.major, one.minor)
        for one in succeeded(
            session.proxy.discover_versions(protocol_versions=[ProtocolVersion(*one) for one in wanted])
        ).protocol_versions
    ]
    equal(discover((1, 4)), [(1, 4)])
    equal(discover((1, 2), (9, 9), (2, 0)), [(2, 0), (1, 2)])
    equal(discover((9, 9)), [])


@case()
def with_password(session):
    """a user name and a password in the header are accepted beside the certificate"""
    uid = session.aes()
    with session.server.client(username='a user', password='a password') as client:
        equal(len(client.get(uid).value), 32)


@case()
def other_versions(session):
    """one key and one connection are used in every version in turn"""
    uid = session.aes(active=True)
    own = session.client.kmip_version
    try:
        for version in VERSIONS:
            session.client.kmip_version = enums.KMIPVersion[f'KMIP_{version.replace(".", "_")}']
            equal(session.state(uid), enums.State.ACTIVE)
            equal(len(session.client.get(uid).value), 32)
    finally:
        session.client.kmip_version = own
    assert session.aes()
