"""Names of streets and districts that are found in towns all over Brazil, so that they suit any city.

Source of kinds and of most districts: Faker's pt_BR pools (https://github.com/joke2k/faker, MIT, © Daniele Faraglia),
those of one town only left out.
"""

KINDS = {"Rua": 7, "Avenida": 2, "Travessa": 1}
"""With how many streets of ten are of that kind."""

STREETS = (
    "Sete de Setembro,Quinze de Novembro,Treze de Maio,Primeiro de Maio,Vinte e Um de Abril,Tiradentes,Dom Pedro I,"
    "Dom Pedro II,Santos Dumont,Rui Barbosa,Duque de Caxias,Marechal Deodoro,Floriano Peixoto,Barão do Rio Branco,"
    "Getúlio Vargas,Juscelino Kubitschek,Castro Alves,Machado de Assis,José de Alencar,Olavo Bilac,Monteiro Lobato,"
    "Euclides da Cunha,Joaquim Nabuco,José Bonifácio,Benjamin Constant,Princesa Isabel,Padre Anchieta,São José,"
    "São João,São Paulo,São Francisco,São Sebastião,São Pedro,Santo Antônio,Santa Rita,Santa Maria,Santa Luzia,"
    "Nossa Senhora Aparecida,Nossa Senhora de Fátima,da Paz,da Saudade,da Liberdade,da República,da Independência,"
    "das Flores,das Acácias,das Palmeiras,das Orquídeas,dos Ipês,dos Lírios,do Comércio,da Matriz,Bela Vista,"
    "Boa Esperança,Amazonas,Bahia,Ceará,Goiás,Mato Grosso,Minas Gerais,Pará,Paraná,Pernambuco,Piauí,Rio de Janeiro,"
    "Rio Grande do Sul,Santa Catarina,Sergipe,Espírito Santo,Maranhão,Alagoas,Paraíba"
)

DISTRICTS = (
    "Aeroporto,Alvorada,Bela Vista,Boa Esperança,Boa Vista,Bom Jesus,Bonfim,Bonsucesso,Cidade Jardim,Cidade Nova,"
    "Cruzeiro,Distrito Industrial,Esperança,Floresta,Glória,Horto,Independência,Industrial,Ipiranga,"
    "Jardim Alvorada,Jardim América,Jardim Botânico,Jardim das Flores,Jardim Europa,Jardim Guanabara,"
    "Jardim Paulista,Jardim Primavera,Lagoa,Liberdade,Nossa Senhora Aparecida,Nossa Senhora da Conceição,"
    "Nossa Senhora das Graças,Nossa Senhora de Fátima,Nova Esperança,Novo Horizonte,Paraíso,Parque São José,"
    "Planalto,Primavera,Progresso,Recanto Verde,Rio Branco,Sagrada Família,Salgado Filho,Santa Cecília,"
    "Santa Clara,Santa Cruz,Santa Helena,Santa Inês,Santa Isabel,Santa Lúcia,Santa Luzia,Santa Maria,"
    "Santa Mônica,Santa Rita,Santa Rosa,Santa Terezinha,Santo André,Santo Antônio,São Benedito,São Cristóvão,"
    "São Francisco,São Geraldo,São João,São Jorge,São José,São Judas Tadeu,São Lucas,São Luiz,São Marcos,"
    "São Pedro,São Sebastião,São Vicente,Universitário,Vila Esperança,Vila Formosa,Vila Maria,Vila Nova,"
    "Vila Rica,Vila União,Vista Alegre"
)

CENTRE = "Centro"
"""Of every town; one in twenty lives there."""
