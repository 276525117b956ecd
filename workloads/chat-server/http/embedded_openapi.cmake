# Writes a C++ source with the text of openapi.json: cmake -DOUT=… -DFILE=openapi.json -P this
file(READ ${FILE} json)
file(WRITE ${OUT} "#include \"workloads/chat-server/http/openapi.hpp\"\n
namespace chatflow::chat {\n
std::string_view openapi_document() {\n    return R\"openapi(${json})openapi\";\n}\n
}  // namespace chatflow::chat\n")
