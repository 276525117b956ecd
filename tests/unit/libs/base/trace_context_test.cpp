#include "libs/base/trace_context.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chatflow {
namespace {

constexpr std::string_view kText = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

std::string_view refusal_of(std::string_view text) {
    const auto parsed = parse_traceparent(text);
    return parsed ? "" : parsed.error();
}

std::string with(std::size_t at, std::string_view part) {
    return std::string(kText).replace(at, part.size(), part);
}

TEST(TraceContext, IsReadAndWrittenAsItCame) {
    const auto context = parse_traceparent(kText);
    ASSERT_TRUE(context);
    EXPECT_EQ(context->trace_id, "0af7651916cd43dd8448eb211c80319c");
    EXPECT_EQ(context->span_id, "b7ad6b7169203331");
    EXPECT_TRUE(context->is_sampled);
    EXPECT_EQ(to_traceparent(*context), kText);
}

TEST(TraceContext, SaysWhatIsWrong) {
    EXPECT_EQ(refusal_of(""), "is missing");
    EXPECT_EQ(refusal_of(kText.substr(0, 54)), "is shorter than 55 characters");
    EXPECT_EQ(refusal_of(std::string(kText) + "-"), "is longer than 55 characters");
    EXPECT_EQ(refusal_of(with(2, "_")), "is not four parts with dashes in between");
    EXPECT_EQ(refusal_of(with(35, "0")), "is not four parts with dashes in between");
    EXPECT_EQ(refusal_of(with(3, "A")), "has other than hexadecimal digits in lower case");
    EXPECT_EQ(refusal_of(with(53, "g")), "has other than hexadecimal digits in lower case");
    EXPECT_EQ(refusal_of(with(0, "ff")), "has the version ff, which is forbidden");
    EXPECT_EQ(refusal_of(with(3, std::string(32, '0'))), "has a trace id of zeros");
    EXPECT_EQ(refusal_of(with(36, std::string(16, '0'))), "has a parent id of zeros");
}

TEST(TraceContext, OfALaterVersionIsReadAsFarAsItIsKnown) {
    EXPECT_EQ(refusal_of(with(0, "01")), "");
    EXPECT_EQ(refusal_of(with(0, "cc") + "-what-may-come"), "");
    EXPECT_EQ(refusal_of(with(0, "cc") + "0"), "goes on after its flags without a dash");
    EXPECT_EQ(to_traceparent(*parse_traceparent(with(0, "cc") + "-more")), kText);
}

TEST(TraceContext, OfFlagsOnlySampledIsKept) {
    EXPECT_FALSE(parse_traceparent(with(53, "00"))->is_sampled);
    EXPECT_FALSE(parse_traceparent(with(53, "fe"))->is_sampled);
    EXPECT_TRUE(parse_traceparent(with(53, "ff"))->is_sampled);
}

TEST(TraceContext, BeginsAnewWhenTheTextCannotBeRead) {
    EXPECT_EQ(continue_trace(kText), *parse_traceparent(kText));
    const auto fresh = continue_trace("rubbish");
    EXPECT_EQ(refusal_of(to_traceparent(fresh)), "");
    EXPECT_NE(fresh, continue_trace("rubbish"));
}

TEST(TraceContext, IsFoundInJsonAndInJsonWithinItsTexts) {
    const std::string value(kText);
    const auto expected = *parse_traceparent(kText);
    EXPECT_EQ(find_traceparent(R"({"a":1,"traceparent":")" + value + R"("})"), expected);
    EXPECT_EQ(find_traceparent(R"({"traceparent" : ")" + value + R"(", "b":2})"), expected);
    EXPECT_EQ(find_traceparent(R"({"tm":"{\"traceparent\":\")" + value + R"(\"}"})"), expected);
    EXPECT_EQ(find_traceparent(R"({"traceparent":"no","x":{"traceparent":")" + value + R"("}})"),
              expected);
    for (const auto* text : {"", "{}", R"({"traceparent":""})", R"({"traceparent":null})",
                             "traceparent", "traceparent\":\"", R"({"traceparent":"00-0-0-00"})"}) {
        EXPECT_EQ(find_traceparent(text), std::nullopt) << text;
    }
}

TEST(TraceContext, AStepStaysInItsTrace) {
    const auto parent = *parse_traceparent(kText);
    const auto child = next_span(parent);
    EXPECT_EQ(child.trace_id, parent.trace_id);
    EXPECT_NE(child.span_id, parent.span_id);
    EXPECT_TRUE(child.is_sampled);
}

}  // namespace
}  // namespace chatflow
