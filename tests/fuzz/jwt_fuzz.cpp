// A token as a client sends it, and a JWKS document as a server answers it: neither may crash, and
// no token but the one that was signed is ever accepted.
#include "libs/auth/key_set.hpp"
#include "libs/auth/verify.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace chatflow;

void expect(bool holds) {
    if (!holds) std::abort();
}

// The secret is 32 times "k"; an Ed25519 key beside it, so that confusion of keys would show.
constexpr std::string_view kKeys =
    R"({"keys":[{"kty":"oct","kid":"s","k":"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s"},)"
    R"({"kty":"OKP","crv":"Ed25519","kid":"e","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";
// {"alg":"HS256","kid":"s"} and {"userId":"ann","exp":4000000000}; in the corpus with its
// signature.
constexpr std::string_view kSigned =
    "eyJhbGciOiJIUzI1NiIsImtpZCI6InMifQ.eyJ1c2VySWQiOiJhbm4iLCJleHAiOjQwMDAwMDAwMDB9";

const auth::KeySet& keys() {
    static const auth::KeySet set = auth::KeySet::from_jwks(kKeys).value();
    return set;
}

void read_token(std::string_view text) {
    const auto token = auth::parse_jwt(text);
    const TimePoint now{std::chrono::seconds(1'763'712'000)};
    const auto claims = auth::verify(text, keys(), {}, now);
    expect(token || !claims);
    if (!token) return;
    expect(text.starts_with(token->signed_text));
    expect(text.size() <= auth::kTokenBytesMax);
    const auto user = auth::text_claim(token->claims, "userId");
    expect(!user || !user->empty());
    if (claims) expect(token->signed_text == kSigned);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what libFuzzer passes
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    read_token(text);
    const auto set = auth::KeySet::from_jwks(text);
    if (set) {
        expect(set->size() > 0 && set->size() <= auth::kKeysMax);
    } else {
        expect(!set.error().empty());
    }
    return 0;
}
