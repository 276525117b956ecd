#include "libs/s3/aws_signature.hpp"

#include "libs/auth/sha256.hpp"

#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace chatflow::s3 {
namespace {

using namespace std::chrono_literals;

// The examples of "Authenticating Requests (AWS Signature Version 4)", Amazon S3 API Reference.
constexpr auto kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TimePoint example_time() { return *parse_rfc3339("2013-05-24T00:00:00Z"); }

AwsSigner example_signer() {
    return {.access_key = "AKIAIOSFODNN7EXAMPLE",
            .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
}

AwsRequest example_get(const std::string& path, std::map<std::string, std::string> query = {}) {
    return {.method = "GET",
            .path = path,
            .query = std::move(query),
            .headers = {{"host", "examplebucket.s3.amazonaws.com"},
                        {"x-amz-content-sha256", kEmptyHash},
                        {"x-amz-date", "20130524T000000Z"}},
            .payload_hash = kEmptyHash};
}

std::string signature(const AwsRequest& request) {
    const std::string value = authorization_of(request, example_signer(), example_time());
    return value.substr(value.rfind('=') + 1);
}

TEST(AwsSignature, IsThatOfThePublishedGetOfAPart) {
    AwsRequest request = example_get("/test.txt");
    request.headers["range"] = "bytes=0-9";
    EXPECT_EQ(authorization_of(request, example_signer(), example_time()),
              "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
              "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
              "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(AwsSignature, IsThatOfThePublishedPut) {
    AwsRequest request = example_get("/test$file.text");
    request.method = "PUT";
    request.payload_hash = auth::sha256_hex("Welcome to Amazon S3.");
    request.headers["x-amz-content-sha256"] = request.payload_hash;
    request.headers["date"] = "Fri, 24 May 2013 00:00:00 GMT";
    request.headers["x-amz-storage-class"] = "REDUCED_REDUNDANCY";
    EXPECT_EQ(signature(request),
              "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(AwsSignature, IsThatOfThePublishedQueries) {
    EXPECT_EQ(signature(example_get("/", {{"lifecycle", ""}})),
              "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    EXPECT_EQ(signature(example_get("/", {{"max-keys", "2"}, {"prefix", "J"}})),
              "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(PresignedTarget, IsThePublishedOne) {
    AwsRequest request = example_get("/test.txt");
    request.headers = {{"host", "examplebucket.s3.amazonaws.com"}};
    EXPECT_EQ(presigned_target(request, example_signer(), example_time(), 24h),
              "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F"
              "20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&"
              "X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
              "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(Encoding, LeavesOnlyWhatIsPlainAsItIs) {
    EXPECT_EQ(encoded_path("/a b/ü~.-_"), "/a%20b/%C3%BC~.-_");
    EXPECT_EQ(encoded_query({{"prefix", "4e/a+b"}, {"list-type", "2"}}),
              "list-type=2&prefix=4e%2Fa%2Bb");
}

TEST(ParseKeys, TakesTwoLines) {
    const auto signer = parse_keys("access\nsecret\n", "eu-west-1");
    ASSERT_TRUE(signer);
    EXPECT_EQ(signer->access_key, "access");
    EXPECT_EQ(signer->secret_key, "secret");
    EXPECT_EQ(signer->region, "eu-west-1");
}

TEST(ParseKeys, RefusesWhatIsNotTwoLines) {
    for (const char* text : {"", "access", "access\n", "\nsecret", "a\nb\nc"}) {
        EXPECT_EQ(parse_keys(text, "r"), std::nullopt) << text;
    }
}

TEST(HostOf, IsWhatFollowsTheSchemeAndNothingMore) {
    EXPECT_EQ(host_of("https://s3.example:9000"), "s3.example:9000");
    EXPECT_EQ(host_of("http://s3"), "s3");
    for (const char* text : {"", "s3.example", "ftp://s3", "https://", "https://s3/path"}) {
        EXPECT_EQ(host_of(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace chatflow::s3
