#include "libs/s3/aws_signature.hpp"

#include "libs/auth/hmac.hpp"
#include "libs/auth/sha256.hpp"
#include "libs/base/percent_encode.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/chrono.h>

namespace chatflow::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string day_of(TimePoint at) { return aws_date(at).substr(0, 8); }

std::string names_of(const std::map<std::string, std::string>& headers) {
    std::string names;
    for (const auto& [name, value] : headers) names += (names.empty() ? "" : ";") + name;
    return names;
}

std::string canonical(const AwsRequest& request) {
    std::string text = request.method + '\n' + encoded_path(request.path) + '\n' +
                       encoded_query(request.query) + '\n';
    for (const auto& [name, value] : request.headers) text += name + ':' + value + '\n';
    return text + '\n' + names_of(request.headers) + '\n' + request.payload_hash;
}

std::string scope_of(const AwsSigner& signer, TimePoint now) {
    return day_of(now) + '/' + signer.region + '/' + signer.service + "/aws4_request";
}

std::string signature_of(const AwsRequest& request, const AwsSigner& signer, TimePoint now) {
    std::string key = auth::hmac_sha256("AWS4" + signer.secret_key, day_of(now));
    key = auth::hmac_sha256(key, signer.region);
    key = auth::hmac_sha256(key, signer.service);
    key = auth::hmac_sha256(key, "aws4_request");
    const std::string text = std::string(kAlgorithm) + '\n' + aws_date(now) + '\n' +
                             scope_of(signer, now) + '\n' + auth::sha256_hex(canonical(request));
    return auth::hmac_sha256_hex(key, text);
}

}  // namespace

std::string aws_date(TimePoint at) {
    return fmt::format("{:%Y%m%dT%H%M%SZ}", std::chrono::floor<std::chrono::seconds>(at));
}

std::string encoded_path(std::string_view path) {
    std::string text;
    for (std::size_t begin = 0; begin <= path.size();) {
        const auto end = std::min(path.find('/', begin), path.size());
        if (begin > 0) text += '/';
        text += percent_encode(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return text;
}

std::string encoded_query(const std::map<std::string, std::string>& query) {
    std::string text;
    for (const auto& [name, value] : query) {
        text += (text.empty() ? "" : "&") + percent_encode(name) + '=' + percent_encode(value);
    }
    return text;
}

std::string authorization_of(const AwsRequest& request, const AwsSigner& signer, TimePoint now) {
    return fmt::format("{} Credential={}/{},SignedHeaders={},Signature={}", kAlgorithm,
                       signer.access_key, scope_of(signer, now), names_of(request.headers),
                       signature_of(request, signer, now));
}

std::string presigned_target(AwsRequest request, const AwsSigner& signer, TimePoint now,
                             std::chrono::seconds life) {
    request.payload_hash = kUnsignedPayload;
    request.query["X-Amz-Algorithm"] = kAlgorithm;
    request.query["X-Amz-Credential"] = signer.access_key + '/' + scope_of(signer, now);
    request.query["X-Amz-Date"] = aws_date(now);
    request.query["X-Amz-Expires"] = std::to_string(life.count());
    request.query["X-Amz-SignedHeaders"] = names_of(request.headers);
    return encoded_path(request.path) + '?' + encoded_query(request.query) +
           "&X-Amz-Signature=" + signature_of(request, signer, now);
}

std::optional<AwsSigner> parse_keys(std::string_view lines, std::string region) {
    if (lines.ends_with('\n')) lines.remove_suffix(1);
    const auto end = lines.find('\n');
    if (end == std::string_view::npos || end == 0 || end + 1 == lines.size() ||
        lines.find('\n', end + 1) != std::string_view::npos) {
        return std::nullopt;
    }
    return AwsSigner{.access_key = std::string(lines.substr(0, end)),
                     .secret_key = std::string(lines.substr(end + 1)),
                     .region = std::move(region)};
}

std::optional<std::string> host_of(std::string_view endpoint) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (!endpoint.starts_with(scheme)) continue;
        const auto host = endpoint.substr(scheme.size());
        if (host.empty() || host.find_first_of("/?#@ ") != std::string_view::npos) break;
        return std::string(host);
    }
    return std::nullopt;
}

}  // namespace chatflow::s3
