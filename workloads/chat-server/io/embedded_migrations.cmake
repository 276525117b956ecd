# Writes a C++ source with the text of each migration: cmake -DOUT=… "-DFILES=a.sql;b.sql" -P this
set(entries "")
foreach(file IN LISTS FILES)
    get_filename_component(name ${file} NAME_WE)
    string(REGEX MATCH "^[0-9]+" number ${name})
    string(REGEX REPLACE "^0+" "" number ${number})
    file(READ ${file} sql)
    string(APPEND entries "    {${number}, \"${name}\", R\"migration(${sql})migration\"},\n")
endforeach()
file(WRITE ${OUT} "#include \"workloads/chat-server/io/migrations.hpp\"\n
namespace chatflow::chat {\n
std::span<const Migration> migrations() {\n    static const Migration all[] = {\n${entries}    };
    return all;\n}\n\n}  // namespace chatflow::chat\n")
