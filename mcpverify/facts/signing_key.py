"""A client's private key, and the algorithm that it signs a JWT with."""


def signing_algorithm(pem: str) -> str:
    """The name of the algorithm, as RS256. Raises ValueError, which repeats nothing of the key."""
    # Late: it is heavy, and only who signs needs it.
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise ValueError("it is encrypted: nobody could type its passphrase") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("it is no private key in PEM") from None
    if isinstance(key, rsa.RSAPrivateKey):
        return "RS256"
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "EdDSA"
    curves = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in curves:
        return curves[key.curve.name]
    raise ValueError("it signs no JWT: RSA, EC (P-256, P-384, P-521) and Ed25519 keys do")
