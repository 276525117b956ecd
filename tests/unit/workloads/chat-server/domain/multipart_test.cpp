#include "workloads/chat-server/domain/multipart.hpp"

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

constexpr std::string_view kType = "multipart/form-data; boundary=xyz";

std::string error_of(std::string_view body, std::string_view type = kType) {
    const auto form = parse_form(type, body);
    return form ? "" : form.error();
}

TEST(ParseForm, TakesFieldsAndFilesApart) {
    const auto form = parse_form(kType,
                                 "--xyz\r\n"
                                 "Content-Disposition: form-data; name=\"title\"\r\n\r\n"
                                 "A cat\r\n"
                                 "--xyz\r\n"
                                 "content-disposition: Form-Data; filename=\"a \\\"b\\\".png\"; "
                                 "name=file\r\nContent-Type: image/png; q=1\r\n\r\n"
                                 "\x89PNG\r\n--xy\r\n"
                                 "\r\n--xyz--\r\n");
    ASSERT_TRUE(form) << form.error();
    ASSERT_EQ(form->size(), 2U);
    EXPECT_EQ(form->at(0), (FormPart{"title", std::nullopt, "", "A cat"}));
    EXPECT_EQ(form->at(1), (FormPart{"file", "a \"b\".png", "image/png", "\x89PNG\r\n--xy\r\n"}));
}

TEST(ParseForm, TakesAnEmptyPartAndAPreamble) {
    const auto form = parse_form("multipart/form-data; charset=utf-8; boundary=\"a b\"",
                                 "preamble\r\n--a b  \r\n"
                                 "Content-Disposition: form-data; name=x\r\n\r\n"
                                 "\r\n--a b--");
    ASSERT_TRUE(form) << form.error();
    ASSERT_EQ(form->size(), 1U);
    EXPECT_EQ(form->front(), (FormPart{"x", std::nullopt, "", ""}));
}

TEST(ParseForm, SaysWhatIsWrong) {
    const std::string part = "--xyz\r\nContent-Disposition: form-data; name=x\r\n\r\n1";
    EXPECT_EQ(error_of(part), "the last boundary is missing");
    EXPECT_EQ(error_of(""), "the body has no part");
    EXPECT_EQ(error_of("--xyz\r\n\r\n1\r\n--xyz--"), "a part has no Content-Disposition");
    EXPECT_EQ(error_of("--xyzz\r\n\r\n1\r\n--xyz--"), "a boundary is not at the end of its line");
    EXPECT_EQ(error_of("--xyz\r\nno colon\r\n\r\n1\r\n--xyz--"),
              "a part has a header without a colon");
    EXPECT_EQ(error_of("--xyz\r\nContent-Disposition: inline\r\n\r\n1\r\n--xyz--"),
              "a part's Content-Disposition must be form-data with a name");
    EXPECT_EQ(error_of("--xyz\r\nX: " + std::string(kFormHeaderMax, 'x') + "\r\n\r\n1\r\n--xyz--"),
              "a part's headers are too long or do not end");
    std::string many;
    for (std::size_t i = 0; i <= kFormPartsMax; ++i) many += part + "\r\n";
    EXPECT_EQ(error_of(many + "--xyz--"), "the form has too many parts");
    for (const char* type : {"", "application/json", "multipart/form-data",
                             "multipart/form-data; boundary=", "multipart/mixed; boundary=xyz",
                             "multipart/form-data; boundary=\"xyz"}) {
        EXPECT_EQ(error_of(part, type), "Content-Type must be multipart/form-data with a boundary")
            << type;
    }
}

// Whatever is cut off is an error, and what is cut off in one place is not read in another.
TEST(ParseForm, CutOffAnywhereIsAnError) {
    const std::string whole =
        "--xyz\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--xyz--";
    ASSERT_TRUE(parse_form(kType, whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(parse_form(kType, whole.substr(0, size))) << size;
    }
}

}  // namespace
}  // namespace chatflow::chat
