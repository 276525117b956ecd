#pragma once

#include "libs/base/time.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::s3 {

/// Who signs, and for what (AWS Signature Version 4, which all S3-compatible stores take).
struct AwsSigner {
    std::string access_key;
    std::string secret_key;
    std::string region = "us-east-1";
    std::string service = "s3";
};

/// What is signed. Header names are in lower case and hold "host"; nothing is encoded yet.
struct AwsRequest {
    std::string method;
    std::string path;  // "/bucket/4e/name.jpg"
    std::map<std::string, std::string> query;
    std::map<std::string, std::string> headers;
    std::string payload_hash;  // SHA-256 in hexadecimal digits, or kUnsignedPayload
};

constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

/// 20130524T000000Z: as the header x-amz-date has it.
[[nodiscard]] std::string aws_date(TimePoint at);

/// The value of the header Authorization. `request` has x-amz-date, if any, among its headers.
[[nodiscard]] std::string authorization_of(const AwsRequest& request, const AwsSigner& signer,
                                           TimePoint now);

/// "/path?…&X-Amz-Signature=…": lets whoever has it do this one thing, for so long.
[[nodiscard]] std::string presigned_target(AwsRequest request, const AwsSigner& signer,
                                           TimePoint now, std::chrono::seconds life);

/// Path and query as they go over the wire: encoded, names in order.
[[nodiscard]] std::string encoded_path(std::string_view path);
[[nodiscard]] std::string encoded_query(const std::map<std::string, std::string>& query);

/// Access key and secret key, a line each; nothing of anything else.
[[nodiscard]] std::optional<AwsSigner> parse_keys(std::string_view lines, std::string region);

/// "s3.example:9000" of "https://s3.example:9000"; nothing of what has a path, or no scheme.
[[nodiscard]] std::optional<std::string> host_of(std::string_view endpoint);

}  // namespace chatflow::s3
