"""Makes, from an installation's own key, tokens that the server itself would never give out.

This is the one place that knows how keys are derived (privacy/install_keys.cpp, privacy/token_keys.cpp): without it nobody could show that a
token is refused for what it says rather than for a wrong signature.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import struct

MASK = (1 << 64) - 1


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def derive(key, number, context):
    """As crypto_kdf of libsodium."""
    return hashlib.blake2b(key=key, digest_size=32, salt=struct.pack("<QQ", number, 0),
                           person=context.ljust(16, b"\0")).digest()


def install_key(data, number):
    text = (pathlib.Path(data) / "keys" / "install.key").read_text()
    return derive(from_base64url(text.split()[-1]), number, b"souk-ins")


def key_id(data):
    """Of the key that signs tokens."""
    return int((pathlib.Path(data) / "keys" / "token_keys").read_text().splitlines()[-1].split()[0])


def own_header(data):
    return {"alg": "HS256", "kid": str(key_id(data)), "typ": "JWT"}


def sign(data, header, claims):
    signed = base64url(header) + "." + base64url(claims)
    key = derive(install_key(data, 5), key_id(data), b"souk-tok")
    return signed + "." + base64url(hmac.new(key, signed.encode(), hashlib.sha256).digest())


def claims_of(token):
    return json.loads(from_base64url(token.split(".")[1]))


def siphash_2_4(key, data):
    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]

    def rotate(x, by):
        return ((x << by) | (x >> (64 - by))) & MASK

    def rounds(count):
        for _ in range(count):
            v[0] = (v[0] + v[1]) & MASK
            v[1] = rotate(v[1], 13) ^ v[0]
            v[0] = rotate(v[0], 32)
            v[2] = (v[2] + v[3]) & MASK
            v[3] = rotate(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & MASK
            v[3] = rotate(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & MASK
            v[1] = rotate(v[1], 17) ^ v[2]
            v[2] = rotate(v[2], 32)

    whole = len(data) // 8 * 8
    last = data[whole:].ljust(7, b"\0") + bytes([len(data) & 255])
    for at in range(0, whole, 8):
        word = struct.unpack_from("<Q", data, at)[0]
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    word = struct.unpack("<Q", last)[0]
    v[3] ^= word
    rounds(2)
    v[0] ^= word
    v[2] ^= 0xFF
    rounds(4)
    return struct.pack("<Q", v[0] ^ v[1] ^ v[2] ^ v[3])


def position_token(data, epoch, position):
    identity = (pathlib.Path(data) / "log" / "identity").read_text()
    log_id = identity.split()[-1]
    hasher = hashlib.blake2b(key=derive(install_key(data, 4), 1, b"souk-pos"), digest_size=16)
    hasher.update(b"f")
    for part in (b"position", log_id.encode()):
        hasher.update(struct.pack("<Q", len(part)) + part)
    text = struct.pack(">BIQ", 1, epoch, position)
    # The tag is the digest read as a big-endian number and written as one: its bytes as they are.
    return base64url(text + siphash_2_4(hasher.digest(), text))
