#!/usr/bin/env python3
"""Writes vectors.json: tokens signed by PyJWT and python-cryptography, with the verdict each must get.

Needs `pip install pyjwt cryptography`. The keys are made anew, so the file changes with each run;
it is committed, and the test needs nothing but it.
"""
import base64, hashlib, hmac, json, pathlib
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

NOW = 1_800_000_000
SECRET = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
CLAIMS = {"userId": "u1", "sub": "u1", "iss": "chat", "aud": ["socket", "api"], "exp": NOW + 60, "nbf": NOW - 60}


def b64(data):
    if isinstance(data, str):
        data = data.encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, size=None):
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def rsa_jwk(key, kid, **more):
    public = key.public_key().public_numbers()
    return {"kty": "RSA", "kid": kid, "n": number(public.n), "e": number(public.e), **more}


def ec_jwk(key, kid, curve, size):
    public = key.public_key().public_numbers()
    return {"kty": "EC", "kid": kid, "crv": curve, "x": number(public.x, size), "y": number(public.y, size)}


def pem(key):
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def hand_signed(header, claims, secret=SECRET, digest=hashlib.sha256):
    """A token whose JSON is spelled by the caller."""
    text = b64(header) + "." + b64(claims)
    return text + "." + b64(hmac.new(secret.encode() if isinstance(secret, str) else secret,
                                     text.encode(), digest).digest())


rsa_key = rsa.generate_private_key(65537, 2048)
weak_rsa = rsa.generate_private_key(65537, 1024)
p256, p384, p521 = (ec.generate_private_key(c()) for c in (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1))
edwards = ed25519.Ed25519PrivateKey.generate()
edwards_x = edwards.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
other_rsa = rsa.generate_private_key(65537, 2048)

jwks = {"keys": [
    {"kty": "oct", "kid": "secret", "k": b64(SECRET)},
    rsa_jwk(rsa_key, "rsa", use="sig"),
    rsa_jwk(rsa_key, "rsa-only-ps512", alg="PS512"),
    rsa_jwk(weak_rsa, "weak"),
    rsa_jwk(other_rsa, "encryption", use="enc"),
    ec_jwk(p256, "p256", "P-256", 32), ec_jwk(p384, "p384", "P-384", 48), ec_jwk(p521, "p521", "P-521", 66),
    {"kty": "OKP", "kid": "edwards", "crv": "Ed25519", "x": b64(edwards_x)},
    {"kty": "XYZ", "kid": "unknown-kind"},
]}

cases = []


def case(name, token, verdict="ok"):
    cases.append({"name": name, "token": token, "verdict": verdict})


def signed(key, algorithm, kid, claims=CLAIMS, **headers):
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid, **headers})


for algorithm in ("HS256", "HS384", "HS512"):
    case(algorithm, signed(SECRET, algorithm, "secret"))
for algorithm in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"):
    case(algorithm, signed(rsa_key, algorithm, "rsa"))
for algorithm, key, kid in (("ES256", p256, "p256"), ("ES384", p384, "p384"), ("ES512", p521, "p521"),
                            ("EdDSA", edwards, "edwards")):
    case(algorithm, signed(key, algorithm, kid))

case("no kid: every fitting key is tried", jwt.encode(CLAIMS, p384, algorithm="ES384"))
case("key bound to PS512 verifies PS512", signed(rsa_key, "PS512", "rsa-only-ps512"))
case("key bound to PS512 does not verify RS256", signed(rsa_key, "RS256", "rsa-only-ps512"), "UnknownKey")
case("key for encryption", signed(other_rsa, "RS256", "encryption"), "UnknownKey")
case("RSA key of 1024 bits", signed(weak_rsa, "RS256", "weak"), "UnknownKey")
case("kid of another key", signed(rsa_key, "RS256", "p256"), "UnknownKey")
case("kid that does not exist", signed(SECRET, "HS256", "nobody"), "UnknownKey")
case("signed by another key of that kid's kind", signed(other_rsa, "RS256", "rsa"), "BadSignature")
case("public key used as HMAC secret", hand_signed(json.dumps({"alg": "HS256", "kid": "rsa"}), json.dumps(CLAIMS),
                                                    pem(rsa_key)), "UnknownKey")
case("public key used as HMAC secret, without kid", hand_signed('{"alg":"HS256"}', json.dumps(CLAIMS), pem(rsa_key)),
     "BadSignature")
for spelling in ("none", "None", "NONE", "nOnE", ""):
    case(f"alg {spelling!r}", b64(json.dumps({"alg": spelling})) + "." + b64(json.dumps(CLAIMS)) + "." + b64("x"),
         "UnsupportedAlgorithm")
case("alg none without signature", b64('{"alg":"none"}') + "." + b64(json.dumps(CLAIMS)) + ".", "UnsupportedAlgorithm")
case("no alg", hand_signed('{"typ":"JWT"}', json.dumps(CLAIMS)), "UnsupportedAlgorithm")
case("alg hs256", hand_signed('{"alg":"hs256"}', json.dumps(CLAIMS)), "UnsupportedAlgorithm")
case("alg that is a number", hand_signed('{"alg":256}', json.dumps(CLAIMS)), "Malformed")
case("crit", signed(SECRET, "HS256", "secret", crit=["exp"]), "UnsupportedHeader")
case("alg twice", hand_signed('{"alg":"HS256","alg":"HS256"}', json.dumps(CLAIMS)), "Malformed")
case("exp twice", hand_signed('{"alg":"HS256"}', '{"userId":"u1","exp":1,"exp":%d}' % (NOW + 60)), "Malformed")

good = signed(SECRET, "HS256", "secret")
head, body, mark = good.split(".")
case("signature of another token", head + "." + b64(json.dumps({**CLAIMS, "userId": "u2"})) + "." + mark, "BadSignature")
case("signature cut off", head + "." + body + "." + mark[:40], "BadSignature")
case("signature empty", head + "." + body + ".", "Malformed")
case("padding", head + "." + body + "." + mark + "=", "Malformed")
case("two parts", head + "." + body, "Malformed")
case("four parts", good + ".", "Malformed")
case("a space behind", good + " ", "Malformed")
case("plain base64 alphabet", head + "." + body + "." + "+" + mark[1:], "Malformed")
case("claims that are an array", hand_signed('{"alg":"HS256"}', "[1]"), "Malformed")
case("claims that are no JSON", hand_signed('{"alg":"HS256"}', "{"), "Malformed")
case("claims nested 300 deep", hand_signed('{"alg":"HS256"}', '{"a":' * 300 + "1" + "}" * 300), "Malformed")
case("exp that is a text", hand_signed('{"alg":"HS256"}', '{"userId":"u1","exp":"%d"}' % (NOW + 60)), "Malformed")
case("exp as a fraction", signed(SECRET, "HS256", "secret", {**CLAIMS, "exp": NOW + 0.5}))
case("without exp", signed(SECRET, "HS256", "secret", {k: v for k, v in CLAIMS.items() if k != "exp"}), "MissingExpiry")
case("expired within leeway", signed(SECRET, "HS256", "secret", {**CLAIMS, "exp": NOW - 4}))
case("expired", signed(SECRET, "HS256", "secret", {**CLAIMS, "exp": NOW - 5}), "Expired")
case("not yet valid, within leeway", signed(SECRET, "HS256", "secret", {**CLAIMS, "nbf": NOW + 5}))
case("not yet valid", signed(SECRET, "HS256", "secret", {**CLAIMS, "nbf": NOW + 6}), "NotYetValid")
case("other issuer", signed(SECRET, "HS256", "secret", {**CLAIMS, "iss": "mail"}), "WrongIssuer")
case("audience as one text", signed(SECRET, "HS256", "secret", {**CLAIMS, "aud": "socket"}))
case("other audience", signed(SECRET, "HS256", "secret", {**CLAIMS, "aud": ["api"]}), "WrongAudience")
case("no audience", signed(SECRET, "HS256", "secret", {k: v for k, v in CLAIMS.items() if k != "aud"}), "WrongAudience")

# r and s in DER, as other protocols write them, are not a JOSE signature.
from cryptography.hazmat.primitives import hashes
text = b64('{"alg":"ES256","kid":"p256"}') + "." + b64(json.dumps(CLAIMS))
case("ES256 in DER", text + "." + b64(p256.sign(text.encode(), ec.ECDSA(hashes.SHA256()))), "BadSignature")
case("ES256 of zeros", text + "." + b64(bytes(64)), "BadSignature")

path = pathlib.Path(__file__).with_name("vectors.json")
path.write_text(json.dumps({"now": NOW, "issuer": "chat", "audience": "socket", "secret": SECRET, "jwks": jwks,
                            "public_key_pem": pem(rsa_key).decode(), "cases": cases}, indent=1) + "\n")
